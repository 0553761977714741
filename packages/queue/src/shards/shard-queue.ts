import type { ShardMessage } from './shard-message.js';

/** `stalled`: given up by the queue, because worker after worker vanished with it. */
export type QueuedState = 'waiting' | 'active' | 'delayed' | 'stalled' | 'absent';

/** The queue of one pool, as a scheduler sees it. */
export interface ShardQueue {
  readonly pool: string;

  /**
   * Adds shards; one that is there already stays as it is. Not a transaction: after a failure some
   * may have been added, and adding all of them again is right.
   * @param priority 0 to 100; the greater goes first.
   * @throws REDIS_UNREACHABLE
   */
  add(messages: readonly ShardMessage[], priority: number): Promise<void>;

  /** The state of each, in the same order. @throws REDIS_UNREACHABLE */
  states(ids: readonly string[]): Promise<QueuedState[]>;

  /**
   * Takes shards out, whatever their state; the worker of one that is in flight abandons it
   * within some seconds. @throws REDIS_UNREACHABLE
   */
  remove(ids: readonly string[]): Promise<void>;

  /** @throws REDIS_UNREACHABLE */
  counts(): Promise<QueueCounts>;

  close(): Promise<void>;
}

export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
}
