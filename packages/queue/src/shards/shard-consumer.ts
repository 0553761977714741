import type { Attempt, ShardMessage } from './shard-message.js';

/** A shard that a worker has taken. */
export interface ShardTask {
  readonly id: string;
  readonly message: ShardMessage;
  /** Attempts of this round that failed, as far as Redis remembers them. */
  readonly failed: readonly Attempt[];
  /** Worker time of all earlier attempts of this round, in seconds; 0 where left out. */
  readonly unfinishedSeconds?: number | undefined;
  /** Aborted when the lock is lost or the shard is taken out of the queue: its result is not wanted. */
  readonly signal: AbortSignal;
}

/**
 * What becomes of a shard in the queue after a worker had it; `unfinishedSeconds` is the worker time of
 * all attempts of the round so far.
 */
export type ShardOutcome =
  /** Its record is written, or it failed for good and the failure is written: it leaves the queue. */
  | { readonly kind: 'settled' }
  /** The shard goes to the head of the queue at once, and no attempt is spent. */
  | { readonly kind: 'handed-back'; readonly unfinishedSeconds?: number | undefined }
  /** It is not what the log of runs says: it leaves the queue, and is kept apart for inspection. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It comes back after a while; `failed` are all failed attempts so far. */
  | {
      readonly kind: 'again';
      readonly delayMs: number;
      readonly failed: readonly Attempt[];
      readonly unfinishedSeconds?: number | undefined;
    };

/** Takes shards of one pool from the queue and renews their locks while they are worked on. */
export interface ShardConsumer {
  /**
   * Begins to take shards; at most `concurrency` calls of `work` are in flight.
   * @param unreadable called with the round (see `roundName`) of each message that cannot be read,
   *   as far as its name says which one it is of, and with what is wrong with it.
   */
  start(
    work: (task: ShardTask) => Promise<ShardOutcome>,
    unreadable?: (round: string, reason: string) => void,
  ): void;

  /** Takes no more shards, at once and for good; in-flight shards go on. */
  stop(): void;

  /** Ends when no shard is in flight any more. @throws nothing */
  close(): Promise<void>;
}
