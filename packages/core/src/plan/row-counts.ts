import type { RowCounts } from './record-schema.js';

export const NO_ROWS: RowCounts = { read: 0, scored: 0, rejected: 0, filtered: 0 };

export function addRowCounts(a: RowCounts, b: RowCounts): RowCounts {
  return {
    read: a.read + b.read,
    scored: a.scored + b.scored,
    rejected: a.rejected + b.rejected,
    filtered: a.filtered + b.filtered,
  };
}
