import type {
  AllowedLocations,
  ErrorRecord,
  ObjectStore,
  PartRecord,
  Plan,
  PlannedShard,
  RegionOf,
  ShardRecord,
} from '@shardmill/core';
import type { FleetEvents, ShardMessage, ShardTask } from '@shardmill/queue';
import type { LoggedRuns } from './logged-runs.js';
import type { PlanSource } from './stored-plans.js';

export interface ShardToScore {
  readonly message: ShardMessage;
  readonly plan: Plan;
  readonly shard: PlannedShard;
  /** To be called for each part that is there; `created` by this attempt, or by an earlier one. */
  readonly onPart: (part: PartRecord, created: boolean) => void;
  /** To be called for each file that was created of a part of several, with its key. */
  readonly onFile: (key: string) => void;
}

/** Scores the parts that are missing. On abort it rejects soon; parts that are done stay. */
export type ScoreShard = (request: ShardToScore, signal: AbortSignal) => Promise<ShardRecord>;

/** How work on a shard ended, for metrics, logs and the progress of a local run. */
export type ShardEnd =
  /** `resumedParts` had been made by an earlier attempt. */
  | { readonly kind: 'done'; readonly record: ShardRecord; readonly resumedParts: number }
  /** Its record was there already. */
  | { readonly kind: 'found'; readonly record: ShardRecord }
  | { readonly kind: 'handed-back' }
  /** It was not what the log of runs says, or nothing may be written there from this machine. */
  | { readonly kind: 'refused'; readonly error: ErrorRecord }
  | {
      readonly kind: 'again';
      readonly error: ErrorRecord;
      /** Whether an attempt was spent on it. */
      readonly spent: boolean;
      /** For how long a full disk is still waited for, in milliseconds. */
      readonly diskWaitMs?: number | undefined;
    }
  /** `attempts` that failed in this round, the last one included. */
  | { readonly kind: 'failed'; readonly error: ErrorRecord; readonly attempts: number }
  /** It was cancelled, or its lock is lost. */
  | { readonly kind: 'abandoned' }
  /** Its run was removed, and this attempt has deleted that many parts of its own. */
  | { readonly kind: 'run-gone'; readonly deletedParts: number };

/** What a shard worker depends on. None of it is native code or needs Redis. */
export interface ShardWorkerContext {
  /** Id of this worker, for the stored list of failed attempts. */
  readonly worker: string;
  /** What confirms messages; left out where this process wrote them itself. */
  readonly runs?: Pick<LoggedRuns, 'refusal'> | undefined;
  readonly plans: PlanSource;
  /** Locations that this machine may use; any where left out. */
  readonly allow?: AllowedLocations | undefined;
  /** For what `allow` says of regions. */
  readonly regionOf: RegionOf;
  /** The store at an output location. */
  readonly store: (output: string) => ObjectStore;
  readonly scoreShard: ScoreShard;
  /**
   * Ends when nothing works on the shard any more: after an abort, an engine may still create the
   * part that it was at, which `onPart` reports. Left out where `scoreShard` rejects no sooner.
   */
  readonly untilOut?: ((message: ShardMessage) => Promise<void>) | undefined;
  readonly events: Pick<FleetEvents, 'publish'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
  readonly onEnd: (task: ShardTask, end: ShardEnd) => void;
}
