import { ShardmillError } from '@shardmill/core';
import type { RedisLink } from '../connection/redis-link.js';
import { type ShardMessage, shardId } from './shard-message.js';
import type { QueueCounts, QueuedState, ShardQueue } from './shard-queue.js';
import { BullQueue } from './bull-queue.js';
import { QueueScripts } from './queue-scripts.js';
import { encodeShard } from './stored-shard.js';

/** Shards in one message to Redis, so that no other client waits long behind it. */
const CHUNK = 500;

/** The queue of a pool as a BullMQ queue: a shard is a job, with the shard's id. */
export class BullShardQueue implements ShardQueue {
  readonly #bull: BullQueue;
  readonly #scripts: QueueScripts;

  constructor(
    readonly pool: string,
    readonly link: RedisLink,
    prefix: string,
  ) {
    this.#bull = BullQueue.open(pool, link, prefix);
    this.#scripts = new QueueScripts(this.#bull);
  }

  async add(messages: readonly ShardMessage[], priority: number): Promise<void> {
    const bullPriority = bullPriorityOf(priority);
    for (const chunk of chunksOf(messages)) {
      const jobs = chunk.map((message) => ({
        name: 'shard',
        data: encodeShard({ message, failed: [] }),
        opts: { jobId: shardId(message), priority: bullPriority },
      }));
      await this.link.run(() =>
        Promise.all([this.#bull.limitEvents(), this.#bull.queue.addBulk(jobs)]),
      );
    }
  }

  async states(ids: readonly string[]): Promise<QueuedState[]> {
    const states: QueuedState[] = [];
    for (const chunk of chunksOf(ids)) {
      states.push(...(await this.link.run(() => this.#scripts.states(chunk))));
    }
    return states;
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const chunk of chunksOf(ids)) await this.link.run(() => this.#scripts.remove(chunk));
  }

  async counts(): Promise<QueueCounts> {
    const counts = await this.link.run(() =>
      this.#bull.queue.getJobCounts('wait', 'prioritized', 'active', 'delayed'),
    );
    return {
      // Those that come back from a lost worker wait in a list of their own, before all others.
      waiting: (counts['wait'] ?? 0) + (counts['prioritized'] ?? 0),
      active: counts['active'] ?? 0,
      delayed: counts['delayed'] ?? 0,
    };
  }

  async close(): Promise<void> {
    await this.#bull.close();
  }
}

/** BullMQ takes the smaller number first, and one without a number before all. */
function bullPriorityOf(priority: number): number {
  if (!Number.isInteger(priority) || priority < 0 || priority > 100) {
    throw new ShardmillError('INTERNAL', `expected a priority from 0 to 100, not ${priority}`);
  }
  return 101 - priority;
}

function* chunksOf<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += CHUNK) yield items.slice(i, i + CHUNK);
}
