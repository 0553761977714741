import { createRedisBackend, Queue, type RedisQueueBackend, type WorkerOptions } from 'bullmq';
import type { RedisLink } from '../connection/redis-link.js';

/** BullMQ records all that happens in a stream. Shardmill does not read it, but other tools may. */
const KEPT_EVENTS = 100;
/** Shards that the queue gave up, kept until a scheduler has seen them. */
export const KEPT_FAILED = { count: 1_000 };

export interface BullSettings {
  readonly lockMs: number;
  readonly stalledCheckMs: number;
  readonly maxStalledCount: number;
}

/** BullMQ's queue of a pool on a connection that stays ours, with the scripts of its workers. */
export class BullQueue {
  private constructor(
    readonly queue: Queue,
    readonly scripts: RedisQueueBackend,
    readonly link: RedisLink,
  ) {}

  static open(pool: string, link: RedisLink, prefix: string, settings?: BullSettings): BullQueue {
    const options: WorkerOptions = {
      connection: link.client,
      prefix,
      // What they would wait for or complain of is known from the link, and reported by `doctor`.
      skipVersionCheck: true,
      skipWaitingForReady: true,
      ...(settings === undefined
        ? {}
        : {
            lockDuration: settings.lockMs,
            // A little less than the time between two checks, so that none comes too early.
            stalledInterval: Math.round(settings.stalledCheckMs * 0.9),
            maxStalledCount: settings.maxStalledCount,
          }),
    };
    const scripts = createRedisBackend(pool, options);
    const queue = new Queue(pool, { ...options, skipMetasUpdate: true }, () => scripts);
    // Failures come back from each call as well.
    queue.on('error', () => {});
    return new BullQueue(queue, scripts, link);
  }

  /** The key of a part of the queue, or of a job by its id. */
  key(name: string): string {
    return this.scripts.toKey(name);
  }

  /** Keeps the stream of events short; set again with each addition, since Redis may forget it. */
  async limitEvents(): Promise<void> {
    await this.scripts.setQueueMeta({ 'opts.maxLenEvents': KEPT_EVENTS });
  }

  /** Wakes a consumer that waits for work. */
  async wake(): Promise<void> {
    await this.link.client.zadd(this.key('marker'), 0, '0');
  }

  /** Leaves the connection open. */
  async close(): Promise<void> {
    await this.queue.close();
  }
}
