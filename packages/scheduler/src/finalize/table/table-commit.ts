import type { WriteCheckpoint } from '@shardmill/core';
import type { Snapshot } from '../../delta/log/snapshot.js';

/** The version that has a run's rows. */
export interface TableCommit {
  /** Undefined where the log does not show any more which one it was. */
  readonly version: number | undefined;
  /** The table that the commit follows on, where it was made now. */
  readonly follows?: Snapshot | undefined;
}

export interface TableCheckpoints {
  readonly write: WriteCheckpoint;
  /** Is called with a sentence on why there is none: that fails no run, for the table is whole without it. */
  readonly failed: (message: string) => void;
}
