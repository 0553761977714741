import { ShardmillError } from '@shardmill/core';
import {
  type QueueCounts,
  type QueuedState,
  shardId,
  type ShardMessage,
  type ShardQueue,
} from '@shardmill/queue';

type State = Exclude<QueuedState, 'absent'>;

/** A queue in memory that a test can inspect, empty, and make unreachable. */
export class MemoryQueue implements ShardQueue {
  readonly entries = new Map<string, { message: ShardMessage; priority: number; state: State }>();
  /** How many shards it had at most at a time. */
  maxEntries = 0;
  added = 0;
  away = false;

  constructor(readonly pool = 'cpu') {}

  async add(messages: readonly ShardMessage[], priority: number): Promise<void> {
    this.#reach();
    for (const message of messages) {
      const id = shardId(message);
      if (this.entries.has(id)) continue;
      this.entries.set(id, { message, priority, state: 'waiting' });
      this.added++;
    }
    this.maxEntries = Math.max(this.maxEntries, this.entries.size);
  }

  async states(ids: readonly string[]): Promise<QueuedState[]> {
    this.#reach();
    return ids.map((id) => this.entries.get(id)?.state ?? 'absent');
  }

  async remove(ids: readonly string[]): Promise<void> {
    this.#reach();
    for (const id of ids) this.entries.delete(id);
  }

  async counts(): Promise<QueueCounts> {
    this.#reach();
    const count = (state: State): number =>
      [...this.entries.values()].filter((entry) => entry.state === state).length;
    return { waiting: count('waiting'), active: count('active'), delayed: count('delayed') };
  }

  async close(): Promise<void> {}

  /** The next shard of the queue: it is active now. */
  take(): ShardMessage | undefined {
    const waiting = [...this.entries.values()].filter(({ state }) => state === 'waiting');
    const [next] = waiting.toSorted((a, b) => b.priority - a.priority);
    if (next === undefined) return undefined;
    next.state = 'active';
    return next.message;
  }

  settle(message: ShardMessage): void {
    this.entries.delete(shardId(message));
  }

  set(message: ShardMessage, state: State): void {
    const entry = this.entries.get(shardId(message));
    if (entry !== undefined) entry.state = state;
  }

  shards(): number[] {
    return [...this.entries.values()].map(({ message }) => message.shard);
  }

  #reach(): void {
    if (this.away) throw new ShardmillError('REDIS_UNREACHABLE', 'Redis is away');
  }
}
