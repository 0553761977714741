import type { RowCounts } from '@shardmill/core';

/** The entry of a part's key-value metadata that says what became of its rows. */
export const ROWS_ENTRY = 'shardmill.rows';

export function rowsEntry({ read, scored, rejected, filtered }: RowCounts): Record<string, string> {
  return { [ROWS_ENTRY]: JSON.stringify({ read, scored, rejected, filtered }) };
}
