import type { RowCounts, WorkTime } from '@shardmill/core';

/** How many shards of a round are in which state. */
export interface LedgerCounts {
  readonly done: number;
  readonly failed: number;
  readonly delayed: number;
  /** Shards that are done, but whose rows are not known. */
  readonly uncounted: number;
  /** Rows of the other ones that are done. */
  readonly rows: RowCounts;
  /** Of all that are done, and of what was heard of attempts at the others. */
  readonly work: WorkTime;
}
