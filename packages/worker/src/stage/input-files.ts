import type { PlannedPart, PlannedShard } from '@shardmill/core';

/** Makes the planned input of a run readable on this machine. */
export interface InputFiles {
  /** The files of one shard. @param signal ends what is being fetched. */
  open(shard: PlannedShard, signal: AbortSignal): ShardFiles;
}

/** The input of a shard that is being worked on; what it keeps on disk goes with `close`. */
export interface ShardFiles {
  /** Where a planned file is read, once the part that needs it is staged. */
  readonly pathOf: (uri: string) => string;

  /**
   * Makes everything readable that the part reads; ends early where the shard is abandoned.
   * @returns bytes fetched for it.
   * @throws INPUT_CHANGED where a file is not the planned one, INPUT_NOT_PARQUET, DISK_FULL, STORE_…
   */
  stage(part: PlannedPart): Promise<number>;

  /** @throws INPUT_CHANGED where what was read may not have been the planned files. */
  check(part: PlannedPart): Promise<void>;

  close(): Promise<void>;
}
