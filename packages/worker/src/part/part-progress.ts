import type { PartRecord } from '@shardmill/core';

/** Rows of a part that are done so far; fewer than before where its single pass came to nothing. */
export interface PartProgress {
  readonly shard: number;
  readonly part: number;
  readonly scored: number;
  readonly rejected: number;
  readonly finished: PartRecord | null;
  /** The part was there already: an earlier attempt made it, or another worker meanwhile. */
  readonly resumed: boolean;
  /** The key of a file that was just created, of a part of several. */
  readonly created?: string;
  /** Seconds of each step of a finished part. */
  readonly seconds?: Readonly<Record<string, number>>;
  /** Bytes of the input that were fetched for a finished part. */
  readonly bytesRead?: number;
}
