import type { ErrorCode } from '@shardmill/core';

/** The data set of a simulation: one file, which may be overwritten. */
export class SimInput {
  etag = 'e0';
  /** Whether each part has a row that cannot be scored. */
  rejects = false;
  /** Shards that cannot be scored until they are repaired. */
  readonly poisoned = new Set<number>();
  /** Engines that are going to die over their next part. */
  crashes = 0;
  #versions = 0;

  overwrite(): void {
    this.etag = `e${++this.#versions}`;
  }

  takeFault(shard: number): ErrorCode | undefined {
    if (this.poisoned.has(shard)) return 'INPUT_DAMAGED';
    if (this.crashes === 0) return undefined;
    this.crashes--;
    return 'ENGINE_CRASHED';
  }
}
