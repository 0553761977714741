import { setTimeout as sleep } from 'node:timers/promises';
import { type Prices, ShardmillError, type Stores } from '@shardmill/core';
import type { FleetEvent, FleetProcess, FleetRedis, RunView } from '@shardmill/queue';
import { type RegisteredRun, RunRegistry } from '@shardmill/scheduler';
import { redisOptions } from '../config/connection-options.js';
import type { Settings } from '../config/load-settings.js';

const ANNOUNCE_MS = 300;

/**
 * What the commands on runs use: the log of runs and the stores, and Redis where a command needs it.
 * Nothing here waits for Redis to be there.
 */
export class Fleet {
  readonly registry: RunRegistry;
  #redis: Promise<FleetRedis> | undefined;
  #redisAnswers = true;

  private constructor(
    readonly settings: Settings,
    readonly stores: Stores,
    /** Where the log of runs is. */
    readonly state: string,
  ) {
    this.registry = new RunRegistry(stores.open(state));
  }

  /** The stores are closed with it. @throws CONFIG_INVALID */
  static open(settings: Settings, stores: Stores): Fleet {
    return new Fleet(settings, stores, settings.get('state.uri'));
  }

  /** Of worker time. @throws CONFIG_INVALID */
  get prices(): Prices | undefined {
    return this.settings.get('price.workerHour');
  }

  /** Connected when first used. @throws CONFIG_INVALID */
  redis(): Promise<FleetRedis> {
    this.#redis ??= import('@shardmill/queue').then(({ FleetRedis: Redis }) =>
      Redis.open(redisOptions(this.settings)),
    );
    return this.#redis;
  }

  /**
   * The run of an id, of the beginning of one, or of `last`, the one that was submitted last.
   * @throws RUN_NOT_FOUND, USAGE
   */
  async find(reference: string): Promise<RegisteredRun> {
    if (reference === 'last') {
      for await (const run of this.registry.list()) return this.registry.resolve(run);
      throw new ShardmillError('RUN_NOT_FOUND', 'no run has been submitted yet', {
        where: this.state,
      });
    }
    return this.registry.resolve(reference);
  }

  /** The view of a run that the schedulers publish, if they do. @throws REDIS_UNREACHABLE */
  async view(run: string): Promise<RunView | undefined> {
    return (await this.redis()).views().get(run);
  }

  /** The processes that are there. @throws REDIS_UNREACHABLE, also where Redis has no memory for them */
  async processes(): Promise<FleetProcess[]> {
    const redis = await this.redis();
    const processes = await redis.presence().list();
    if (processes.length === 0) await refuseFull(redis);
    return processes;
  }

  /** Notifies the schedulers, which otherwise find out by themselves a little later. */
  announce(run: string): Promise<void> {
    return this.#publish({ kind: 'run-changed', run });
  }

  /**
   * The same for a schedule that was set or changed. Schedules need no Redis: where none answers
   * soon, it is not asked again, and schedulers find out by themselves.
   */
  async announceSchedule(schedule: string): Promise<void> {
    if (!this.#redisAnswers) return;
    const published = this.#publish({ kind: 'schedule-changed', schedule }).then(
      () => true,
      () => false,
    );
    const patience = sleep(ANNOUNCE_MS, false, { ref: false });
    this.#redisAnswers = await Promise.race([published, patience]);
  }

  async #publish(event: FleetEvent): Promise<void> {
    const events = (await this.redis()).events();
    events.publish(event);
    await events.close();
  }

  async close(): Promise<void> {
    const redis = await this.#redis?.catch(() => undefined);
    await redis?.close();
    await this.stores.close();
  }
}

/** At its memory limit Redis forgets the processes of the fleet: they cannot announce themselves again. */
async function refuseFull(redis: FleetRedis): Promise<void> {
  const { usedMemoryBytes, maxMemoryBytes } = await redis.check();
  if (maxMemoryBytes === 0 || usedMemoryBytes < maxMemoryBytes) return;
  throw new ShardmillError('REDIS_UNREACHABLE', 'Redis is at its memory limit', {
    where: redis.where,
    remedy: 'Raise maxmemory; what waits in the queue goes on by itself then.',
  });
}
