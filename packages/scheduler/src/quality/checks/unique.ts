import {
  type CheckOfKind,
  estimateRepeats,
  keyColumns,
  type KeyState,
  type Plan,
  quoteName,
  quoteText,
  type RepeatEstimate,
  runParts,
} from '@shardmill/core';
import type { QualityFacts } from '../quality-facts.js';
import { type Finding, shown, shownShare } from './outcome.js';

/**
 * Whether no two rows of the result have the same key: known exactly within each part, and across parts by a
 * sample of the keys.
 */
export function checkUnique(
  check: CheckOfKind<'unique'>,
  { plan, rows: { scored: rows }, keys }: Pick<QualityFacts, 'plan' | 'rows' | 'keys'>,
): Finding {
  const expected = 'no key twice';
  const states = (keys ?? []).filter(({ name }) => name === check.name);
  const columns = keyColumns(check);
  const key = columns.map((column) => JSON.stringify(column)).join(', ');
  if (states.length === 0) {
    const found = rows === 0 ? `there is no row with ${key}` : `${key} was not counted`;
    return { observed: rows === 0 ? 0 : null, expected, passed: rows === 0, found };
  }
  // What is counted within the only part is all there is.
  const isOnePart = plan.totals.parts === 1;
  const estimates = states
    .map(estimateRepeats)
    .map((one, i) => (isOnePart ? { ...one, rows: states[i]?.repeated ?? 0, exact: true } : one));
  const total = (of: (estimate: RepeatEstimate) => number): number =>
    estimates.reduce((sum, estimate) => sum + of(estimate), 0);
  const repeated = total((estimate) => estimate.rows);
  const passed = repeated === 0;
  const about = estimates.every(({ exact }) => exact) ? '' : 'about ';
  const count = passed ? 'none' : `${about}${shown(repeated)}`;
  const known = states.reduce((sum, state) => sum + state.rows, 0);
  const found = [
    `${count} of ${shown(known)} rows ${repeated <= 1 ? 'repeats' : 'repeat'} ${key}`,
    ...states.flatMap(withinParts),
    ...estimates.flatMap(acrossParts),
    ...(known < rows ? [`${shown(rows - known)} rows without a key are left out`] : []),
    ...(states.length > 1
      ? ['parts of workers with different versions of DuckDB are not compared with each other']
      : []),
  ].join('; ');
  return {
    observed: repeated,
    expected,
    passed,
    found,
    ...(!passed && { next: `See them with ${listing(columns, plan)}` }),
  };
}

/** What is known exactly. */
function withinParts({ repeated, repeatingParts, worst }: KeyState): string[] {
  if (repeated === 0) return [];
  const named = worst.map(
    ({ shard, part, repeated: rows }) => `${shown(rows)} in shard ${shard}, part ${part}`,
  );
  const more = repeatingParts > worst.length ? [`and ${repeatingParts - worst.length} more`] : [];
  return [`${shown(repeated)} of them within a part: ${[...named, ...more].join(', ')}`];
}

/** What a sample says of the whole run. */
function acrossParts({ exact, sampled, repeated, atMost }: RepeatEstimate): string[] {
  if (exact) return [];
  const found = repeated === 0 ? 'none' : shown(repeated);
  return [
    `of a sample of ${shown(sampled)} keys ${found} ${repeated <= 1 ? 'is' : 'are'} repeated, so of all keys at most ${shownShare(atMost)} (95% confidence)`,
  ];
}

/** A query over the parts, which are kept whatever the checks say. */
function listing(columns: readonly string[], { runId, scoring }: Plan): string {
  const names = columns.map(quoteName).join(', ');
  const files = quoteText(`${scoring.output.uri}/**/${runParts(runId)}*.parquet`);
  return `SELECT ${names}, count(*) FROM read_parquet(${files}) GROUP BY ALL HAVING count(*) > 1`;
}
