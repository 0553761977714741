import { parseDurationMs, Stores } from '@shardmill/core';
import { FleetRedis } from '@shardmill/queue';
import { RunRegistry } from '@shardmill/scheduler';
import { SchedulerService } from '@shardmill/scheduler/service';
import { runtimeVersions } from '@shardmill/worker';
import {
  cacheFolder,
  fleetEngine,
  redisOptions,
  storageOptions,
} from '../config/connection-options.js';
import { fleetPlanner } from '../planning/fleet-planner.js';
import { planLimits } from '../planning/plan-limits.js';
import type { Result } from '../result.js';
import { newIdentity } from '../serve/identity.js';
import { openLog } from '../serve/log.js';
import { logNotice } from '../serve/log-notice.js';
import { openStatusServer } from '../serve/open-status-server.js';
import { requireSuitableRedis } from '../serve/require-suitable-redis.js';
import { untilStopped } from '../serve/until-stopped.js';
import type { Services } from '../services.js';
import type { Terminal } from '../terminal.js';

/**
 * Plans, dispatches and finishes runs until it is stopped. Any number of schedulers may run.
 * @throws CONFIG_INVALID, REDIS_UNSUITABLE
 */
export async function serveScheduler(
  terminal: Terminal,
  { settings }: Pick<Services, 'settings'>,
): Promise<Result> {
  const identity = newIdentity();
  const log = openLog(settings, terminal, { process: 'scheduler', id: identity.id });
  const stores = new Stores(storageOptions(settings));
  const state = settings.get('state.uri');
  const redis = await FleetRedis.open(redisOptions(settings), {
    notice: (notice) => logNotice(log, notice),
  });
  try {
    await requireSuitableRedis(redis, log);
    const service = new SchedulerService({
      registry: new RunRegistry(stores.open(state)),
      stores,
      queue: (pool) => redis.shardQueue(pool),
      events: redis.events(),
      presence: redis.presence(),
      views: redis.views(),
      identity,
      log,
      makePlan: fleetPlanner({
        storage: stores.options,
        engine: { ...fleetEngine(settings), cacheFolder: cacheFolder(settings, terminal.env) },
        limits: planLimits(settings),
      }),
      versions: { shardmill: identity.version, ...runtimeVersions() },
      settings: { intervalMs: parseDurationMs(settings.get('scheduler.interval')) },
    });
    const source = { metrics: service.metrics, ready: () => service.ready() };
    const server = await openStatusServer(settings, 'scheduler.statusPort', source, log);
    try {
      log.info({ redis: redis.where, state }, 'the scheduler begins');
      service.start();
      await untilStopped(NEVER, async (reason) => {
        log.info({ reason }, 'the scheduler stops: runs go on where they are');
      });
    } finally {
      await service.close();
      await server?.close();
    }
  } finally {
    await redis.close();
    await stores.close();
  }
  log.info({}, 'the scheduler has ended');
  return { text: () => '' };
}

/** It does not end by itself. */
const NEVER = new Promise<string>(() => {});
