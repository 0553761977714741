import type { Attempt, ShardMessage } from './shard-message.js';

/** A shard in the hands of a worker. */
export interface ShardTask {
  readonly id: string;
  readonly message: ShardMessage;
  /** Attempts of this round that failed, as far as Redis remembers them. */
  readonly failed: readonly Attempt[];
  /** Aborted when the lock is lost or the shard is taken out of the queue: nobody waits for it. */
  readonly signal: AbortSignal;
}

/** What becomes of a shard in the queue after a worker had it. */
export type ShardOutcome =
  /** Its record is written, or it failed for good and the failure is written: it leaves the queue. */
  | { readonly kind: 'settled' }
  /** It goes to the head of the queue at once, and no attempt is spent. */
  | { readonly kind: 'handed-back' }
  /** It is not what the log of runs says: it leaves the queue, and is kept apart for a look. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It comes back after a while; `failed` are all failed attempts so far. */
  | { readonly kind: 'again'; readonly delayMs: number; readonly failed: readonly Attempt[] };

/** Takes shards of one pool from the queue and renews their locks while they are worked on. */
export interface ShardConsumer {
  /**
   * Begins to take shards; at most `concurrency` at once are in the hands of `work`.
   * @param unreadable called with the round (see `roundName`) of each message that cannot be read,
   *   as far as its name says which one it is of, and with what is wrong with it.
   */
  start(
    work: (task: ShardTask) => Promise<ShardOutcome>,
    unreadable?: (round: string, reason: string) => void,
  ): void;

  /** Takes no more shards, at once and for good; those in hand go on. */
  stop(): void;

  /** Ends when no shard is in hand any more. @throws nothing */
  close(): Promise<void>;
}
