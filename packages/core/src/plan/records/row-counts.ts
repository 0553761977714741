import type { RowCounts } from './record-schema.js';

export const NO_ROWS: RowCounts = { read: 0, scored: 0, rejected: 0, filtered: 0 };

export function addRowCounts(a: RowCounts, b: RowCounts): RowCounts {
  return {
    read: a.read + b.read,
    scored: a.scored + b.scored,
    rejected: a.rejected + b.rejected,
    filtered: a.filtered + b.filtered,
    ...truncatedRows((a.truncated ?? 0) + (b.truncated ?? 0)),
  };
}

/** The count of rows whose text was cut, which is absent where there are none. */
export function truncatedRows(rows: number): Pick<RowCounts, 'truncated'> {
  return rows === 0 ? {} : { truncated: rows };
}
