import { ShardmillError } from '@shardmill/core';
import { checkRedis } from './check-redis.js';
import { ANSWER_MS, type Connect, redisConnector } from './connection/connect-redis.js';
import { findTlsMismatch } from './connection/tls-mismatch.js';
import { RedisLink } from './connection/redis-link.js';
import { type RedisTarget, redisTarget } from './connection/redis-target.js';
import type { FleetEvents } from './events/fleet-events.js';
import type { Presence } from './presence/presence.js';
import { RedisEvents } from './events/redis-events.js';
import type { NoticeListener } from './connection/redis-notice.js';
import type { RedisOptions } from './connection/redis-options.js';
import { RedisPresence } from './presence/redis-presence.js';
import type { RedisReport } from './connection/redis-report.js';
import { RedisRunViews } from './views/redis-run-views.js';
import type { RunViews } from './views/run-view.js';
import type { ShardConsumer } from './shards/shard-consumer.js';
import type { ShardQueue } from './shards/shard-queue.js';
import { BullShardConsumer } from './shards/bull-shard-consumer.js';
import { BullShardQueue } from './shards/bull-shard-queue.js';

export interface FleetRedisSettings {
  /** Is called with what belongs into a log. Default: nothing is logged. */
  readonly notice?: NoticeListener | undefined;
}

export interface ShardConsumerSettings {
  /** Shards that may be in flight at once. */
  readonly concurrency: number;
  /** How long a shard stays this worker's without a sign of life. Default 10,000 ms. */
  readonly lockMs?: number | undefined;
  /** How often shards of workers that vanished are looked for. Default 5,000 ms. */
  readonly stalledCheckMs?: number | undefined;
  /** Workers that may vanish with a shard before the queue gives it up. Default 20. */
  readonly maxStalledCount?: number | undefined;
}

/**
 * All connections of one process to Redis. Nothing here waits for Redis to be there: what needs it
 * fails within seconds with REDIS_UNREACHABLE, or goes on by itself once it is back.
 */
export class FleetRedis {
  readonly #target: RedisTarget;
  readonly #connect: Connect;
  readonly #notice: NoticeListener;
  /** Takes all commands but those that wait or listen. */
  readonly #link: RedisLink;
  readonly #made: { close(): Promise<void> }[] = [];

  private constructor(target: RedisTarget, connect: Connect, notice: NoticeListener) {
    this.#target = target;
    this.#connect = connect;
    this.#notice = notice;
    this.#link = new RedisLink(connect('commands'), target.where, notice, () =>
      findTlsMismatch(target),
    );
  }

  /**
   * Reads the certificates and begins to connect.
   * @throws CONFIG_INVALID where the options contradict each other or a file cannot be read
   */
  static async open(options: RedisOptions, settings: FleetRedisSettings = {}): Promise<FleetRedis> {
    const target = redisTarget(options);
    const connect = await redisConnector(target, options.tls);
    return new FleetRedis(target, connect, settings.notice ?? (() => {}));
  }

  /** The address, without user and password. */
  get where(): string {
    return this.#target.where;
  }

  /** Whether Redis answers as far as is known now; for `/readyz`. */
  get connected(): boolean {
    return this.#link.connected;
  }

  /** The queue of a pool, for a scheduler. */
  shardQueue(pool: string): ShardQueue {
    return this.#keep(new BullShardQueue(pool, this.#link, this.#target.prefix));
  }

  /** What a worker of a pool takes shards from. */
  shardConsumer(pool: string, settings: ShardConsumerSettings): ShardConsumer {
    const { concurrency, lockMs = 10_000, stalledCheckMs = 5_000, maxStalledCount = 20 } = settings;
    for (const [name, value] of Object.entries({ concurrency, lockMs, stalledCheckMs })) {
      if (value > 0 && Number.isInteger(value)) continue;
      throw new ShardmillError('INTERNAL', `${name} is ${value}, expected 1 or more`);
    }
    // Redis answers this one when there is work, or after a while.
    const line = this.#secondLink('waiting', ANSWER_MS + 1_000);
    return this.#keep(
      new BullShardConsumer(
        pool,
        this.#link,
        line,
        this.#target.prefix,
        { concurrency, lockMs, stalledCheckMs, maxStalledCount },
        this.#notice,
      ),
    );
  }

  events(): FleetEvents {
    const { prefix } = this.#target;
    return this.#keep(new RedisEvents(this.#link, prefix, () => this.#secondLink('listening')));
  }

  presence(): Presence {
    return new RedisPresence(this.#link, this.#target.prefix);
  }

  views(): RunViews {
    return new RedisRunViews(this.#link, this.#target.prefix);
  }

  /** What kind of Redis this is. @throws REDIS_UNREACHABLE */
  async check(): Promise<RedisReport> {
    return checkRedis(this.#link, this.#target.prefix);
  }

  /**
   * Closes whatever was made here; consumers end when they have no shard in flight. The process can
   * end then. @throws nothing
   */
  async close(): Promise<void> {
    await Promise.all(this.#made.map((one) => one.close()));
    this.#link.close();
  }

  /** Its losses are those of the first link, which reports them. */
  #secondLink(purpose: string, answerMs?: number): RedisLink {
    return new RedisLink(this.#connect(purpose, answerMs), this.#target.where, () => {});
  }

  #keep<T extends { close(): Promise<void> }>(made: T): T {
    this.#made.push(made);
    return made;
  }
}
