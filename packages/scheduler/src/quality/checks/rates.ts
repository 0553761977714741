import { type CheckOfKind, type RowCounts, shareOf } from '@shardmill/core';
import { type CheckedColumn, whichRows } from './checked-column.js';
import { type Finding, isWithin, shown, shownBounds, shownShare } from './outcome.js';

/** Whether few enough rows of a column are null, or NaN. */
export function checkRate(
  check: CheckOfKind<'nulls' | 'nan'>,
  column: CheckedColumn | undefined,
): Finding {
  const max = shareOf(check.max);
  const expected = `at most ${shownShare(max)}`;
  const rows = check.kind === 'nulls' ? column?.nulls : column?.nan;
  if (column === undefined || rows === undefined) {
    return { observed: null, expected, passed: false, found: 'the run has no profile of it' };
  }
  if (column.count === 0) {
    return { observed: null, expected, passed: true, found: 'there are no rows' };
  }
  const observed = rows / column.count;
  const what = check.kind === 'nulls' ? 'null' : 'NaN';
  return {
    observed,
    expected,
    passed: observed <= max,
    found: `${shown(rows)} of ${shown(column.count)} ${whichRows(column)} (${shownShare(observed)}) are ${what} in "${column.name}"`,
  };
}

/** Whether the share of rows that were rejected, or filtered out, is as expected. */
export function checkRowShare(
  check: CheckOfKind<'rejected' | 'filtered'>,
  rows: RowCounts,
): Finding {
  const bounds = {
    min: check.min === undefined ? undefined : shareOf(check.min),
    max: check.max === undefined ? undefined : shareOf(check.max),
  };
  const expected = shownBounds(bounds, shownShare);
  if (rows.read === 0)
    return { observed: null, expected, passed: true, found: 'there are no rows' };
  const share = rows[check.kind] / rows.read;
  return {
    observed: share,
    expected,
    passed: isWithin(share, bounds),
    found: `${shown(rows[check.kind])} of ${shown(rows.read)} rows (${shownShare(share)}) were ${check.kind}`,
  };
}
