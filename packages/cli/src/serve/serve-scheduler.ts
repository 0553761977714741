import { runFleetProcess } from './fleet-process.js';
import { parseDurationMs } from '@shardmill/core';
import { type Readiness, RunRegistry } from '@shardmill/scheduler';
import { FleetSchedules } from '@shardmill/scheduler/schedules';
import { SchedulerService } from '@shardmill/scheduler/service';
import { runtimeVersions } from '@shardmill/worker';
import { cacheFolder, fleetEngine, jobRules } from '@shardmill/client/connection-options';
import { lineageOptions } from '@shardmill/client/lineage-options';
import { fleetBaselines, limitedMakers } from '@shardmill/client/fleet-baselines';
import { planLimits } from '@shardmill/client/plan-limits';
import {
  fleetInputChecker,
  fleetPlanner,
  profileQueries,
  tableCheckpoints,
} from '@shardmill/client/fleet-planner';
import type { Result } from '../result.js';
import { openStatusServer } from './open-status-server.js';
import { untilStopped } from './until-stopped.js';
import type { Services } from '@shardmill/client/services';
import type { Terminal } from '../terminal.js';

/**
 * Plans, dispatches and finishes runs until it is stopped. Any number of schedulers may run.
 * @throws CONFIG_INVALID, REDIS_UNSUITABLE
 */
export async function serveScheduler(
  terminal: Terminal,
  { settings }: Pick<Services, 'settings'>,
): Promise<Result> {
  return runFleetProcess('scheduler', terminal, { settings }, async (fleetProcess) => {
    const { identity, log, stores, redis } = fleetProcess;
    const state = settings.get('state.uri');
    const planning = {
      storage: stores.options,
      engine: { ...fleetEngine(settings), cacheFolder: cacheFolder(settings, terminal.env) },
      limits: planLimits(settings),
      rules: jobRules(settings),
    };
    const service = new SchedulerService({
      registry: new RunRegistry(stores.open(state)),
      stores,
      queue: (pool) => redis.shardQueue(pool),
      events: redis.events(),
      presence: redis.presence(),
      views: redis.views(),
      identity,
      log,
      makePlan: fleetPlanner(planning, fleetBaselines(stores.open(state), limitedMakers(planning))),
      ...tableCheckpoints(planning),
      queryProfile: profileQueries(planning),
      checkInput: fleetInputChecker(planning, stores),
      versions: { shardmill: identity.version, ...runtimeVersions() },
      rules: jobRules(settings),
      notify: { receivers: settings.get('notify.receivers') ?? [], env: terminal.env },
      lineage: lineageOptions(settings),
      settings: { intervalMs: parseDurationMs(settings.get('scheduler.interval')) },
    });
    const schedules = new FleetSchedules({
      store: stores.open(state),
      events: redis.events(),
      service,
      by: identity.id,
      log,
    });
    const ready = (): Readiness => {
      const { ready: runs, problems } = service.ready();
      const { problem } = schedules;
      return {
        ready: runs && problem === undefined,
        problems: problem === undefined ? problems : [...problems, problem],
      };
    };
    const source = { metrics: service.metrics, ready };
    const server = await openStatusServer(settings, 'scheduler.statusPort', source, log);
    try {
      log.info({ redis: redis.where, state }, 'the scheduler begins');
      service.start();
      schedules.start();
      await untilStopped(NEVER, async (reason) => {
        log.info({ reason }, 'the scheduler stops: runs go on where they are');
      });
    } finally {
      await schedules.close();
      await service.close();
      await server?.close();
    }
  });
}

/** It does not end by itself. */
const NEVER = new Promise<string>(() => {});
