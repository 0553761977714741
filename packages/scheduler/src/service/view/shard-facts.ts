import type { RowCounts } from '@shardmill/core';

export interface ShardFacts {
  readonly done: number;
  readonly failed: number;
  readonly delayed: number;
  /** Shards that are done, but whose rows are not known. */
  readonly uncounted: number;
  /** Rows of the other ones that are done. */
  readonly rows: RowCounts;
}
