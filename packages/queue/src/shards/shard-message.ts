import type { ErrorRecord, Job } from '@shardmill/core';

/**
 * What the queue holds of a shard: enough to find it in its plan, and how it is to be tried. It is
 * a hint; losing it, or having it twice, costs time and nothing else.
 */
export interface ShardMessage {
  /** The run that was submitted. */
  readonly run: string;
  /** The run whose plan is worked on; another one where an unfinished run was adopted. */
  readonly planRun: string;
  /** The output location, where the plan is. */
  readonly output: string;
  readonly planDigest: string;
  readonly shard: number;
  /** The plan's page that has the shard. */
  readonly page: number;
  readonly rows: number;
  /** Rounds of the run so far: 0, and one more with each `resume` or `retry`. */
  readonly round: number;
  /** Attempts in one round, the first one included. */
  readonly attempts: number;
  readonly partTimeoutMs: number;
  /** How long a full disk is waited for before attempts are spent on it. */
  readonly diskFullWaitMs: number;
  readonly resources: Pick<
    Job['resources'],
    | 'batchRows'
    | 'batchTokens'
    | 'lanes'
    | 'threadsPerLane'
    | 'memoryLimit'
    | 'executionProviders'
    | 'treeKernel'
  >;
}

/** What is the same for all shards of one round of a run; the log of runs says it, too. */
export type RoundFacts = Omit<ShardMessage, 'shard' | 'page' | 'rows'>;

/** One attempt that did not end in a record; a shard's history is a list of these. */
export interface Attempt {
  readonly worker: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly error: ErrorRecord;
}

/** A shard in the queue. */
export interface QueuedShard {
  readonly message: ShardMessage;
  /** Attempts of this round that failed so far. */
  readonly failed: readonly Attempt[];
  /** Worker time of all attempts of this round so far, in seconds; 0 where left out. */
  readonly unfinishedSeconds?: number | undefined;
}

/** A shard that comes back, with the time that attempts at it took so far. */
export function withTime(
  shard: QueuedShard,
  { unfinishedSeconds = shard.unfinishedSeconds }: Pick<QueuedShard, 'unfinishedSeconds'>,
): QueuedShard {
  return { ...shard, unfinishedSeconds };
}

/** Names a shard in the queue: the same for every scheduler, so that adding it twice is once. */
export function shardId(message: Pick<ShardMessage, 'planRun' | 'round' | 'shard'>): string {
  return `${roundName(message)}.${message.shard}`;
}

/** Names a round of a run among all rounds of all runs. */
export function roundName({ planRun, round }: Pick<ShardMessage, 'planRun' | 'round'>): string {
  return `${planRun}.${round}`;
}
