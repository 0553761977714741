import type { CheckOfKind } from '@shardmill/core';
import { asStored, type CheckedColumn } from './checked-column.js';
import { type Finding, shown } from './outcome.js';

/** Values that are named in a message. */
const MAX_NAMED = 5;

/** Whether a column has no other values than those that are allowed. */
export function checkAllowedValues(
  check: CheckOfKind<'allowedValues'>,
  column: CheckedColumn | undefined,
): Finding {
  const expected = `nothing but ${listOf(check.values)}`;
  const profile = column?.profile;
  if (column === undefined || profile === undefined) {
    return { observed: null, expected, passed: false, found: 'the run has no profile of it' };
  }
  const { values } = profile.sketch;
  if (values === null) {
    const found = `"${column.name}" has more different values than are counted one by one, about ${shown(profile.distinct.count)}`;
    return { observed: profile.distinct.count, expected, passed: false, found };
  }
  const allowed = new Set<string | number>(
    [...check.values].map((value) =>
      typeof value === 'number' ? asStored(value, profile) : value,
    ),
  );
  const others = values.filter(([value]) => !allowed.has(value));
  const odd = profile.kind === 'number' ? profile.nan + profile.infinite : 0;
  const rows = others.reduce((sum, [, count]) => sum + count, odd);
  const names = [...others.map(([value]) => value), ...(odd > 0 ? ['NaN or infinite'] : [])];
  if (rows === 0) {
    return {
      observed: 'none',
      expected,
      passed: true,
      found: `"${column.name}" has no other value`,
    };
  }
  const observed = listOf(names);
  const found = `${shown(rows)} values of "${column.name}" are others: ${observed}`;
  return { observed, expected, passed: false, found };
}

function listOf(values: readonly (string | number)[]): string {
  const named = values.slice(0, MAX_NAMED).map((value) => JSON.stringify(value));
  return `${named.join(', ')}${values.length > MAX_NAMED ? `, … (${values.length} in all)` : ''}`;
}
