import { type CheckOfKind, InvariantError, type ProfileAnswer, profileRows } from '@shardmill/core';
import type { QualityFacts } from '../quality-facts.js';
import type { Finding } from './outcome.js';

type SqlCheck = CheckOfKind<'sql'>;

/** Rows that are named in a message. */
const MAX_NAMED = 3;
/** Characters of each. */
const MAX_ROW_UNITS = 200;

/** What the SQL of checks finds in the profile; nothing is asked where no check has SQL. */
export async function askProfile(
  checks: readonly SqlCheck[],
  { profile, queryProfile }: Pick<QualityFacts, 'profile' | 'queryProfile'>,
): Promise<ReadonlyMap<string, ProfileAnswer>> {
  if (checks.length === 0 || profile === undefined) return new Map();
  if (queryProfile === undefined) throw new InvariantError('nothing runs the SQL of checks');
  const rows = profileRows(profile).map((row) => JSON.stringify(row));
  const answers = await queryProfile(
    rows,
    checks.map(({ sql }) => sql),
  );
  return new Map(
    checks.flatMap(({ name }, index) => {
      const answer = answers[index];
      return answer === undefined ? [] : [[name, answer]];
    }),
  );
}

/** Whether the SQL of a check returns no row. @param answer undefined where the run has no profile */
export function checkSql(answer: ProfileAnswer | undefined): Finding {
  const expected = 'no row';
  const failed = { observed: null, expected, passed: false };
  if (answer === undefined) return { ...failed, found: 'the run has no profile to query' };
  if ('fault' in answer) return { ...failed, found: `the SQL failed: ${answer.fault}` };
  const { rows, more } = answer;
  const count = `${more ? 'more than ' : ''}${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`;
  if (rows.length === 0)
    return { observed: 0, expected, passed: true, found: 'the SQL returns no row' };
  const named = rows.slice(0, MAX_NAMED).map(shorten).join(', ');
  const rest = more || rows.length > MAX_NAMED ? ', …' : '';
  return {
    observed: rows.length,
    expected,
    passed: false,
    found: `the SQL returns ${count}: ${named}${rest}`,
  };
}

const shorten = (row: string): string =>
  row.length > MAX_ROW_UNITS ? `${row.slice(0, MAX_ROW_UNITS)}…` : row;
