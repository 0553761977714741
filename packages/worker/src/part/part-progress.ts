import type { PartRecord } from '@shardmill/core';

/** Rows of a part that are done so far; fewer than before where its single pass came to nothing. */
export interface PartProgress {
  readonly shard: number;
  readonly part: number;
  readonly scored: number;
  readonly rejected: number;
  readonly finished: PartRecord | null;
  /** The part was there already: an earlier attempt made it, or somebody else meanwhile. */
  readonly resumed: boolean;
  /** Of a finished part: what each step took. */
  readonly seconds?: Readonly<Record<string, number>>;
  /** Of a finished part: bytes of the input that were fetched for it. */
  readonly bytesRead?: number;
}
