import { runFleetProcess } from './fleet-process.js';
import { parseDurationMs } from '@shardmill/core';
import { FleetRedis } from '@shardmill/queue';
import { runLogOf } from '@shardmill/scheduler';
import { EngineProcess, noticeSource } from '@shardmill/worker';
import { WorkerService } from '@shardmill/worker/service';
import { cacheFolder, fleetEngine } from '@shardmill/client/connection-options';
import type { Result } from '../result.js';
import type { Logger } from './log.js';
import { openRunLog } from './open-run-log.js';
import { openStatusServer } from './open-status-server.js';
import type { Readiness } from './status-server.js';
import { untilStopped } from './until-stopped.js';
import type { Services } from '@shardmill/client/services';
import type { Terminal } from '../terminal.js';

/**
 * Scores shards of one pool until it is stopped. SIGTERM drains: the parts that fit into the time
 * are finished, everything is handed back. @throws CONFIG_INVALID, REDIS_UNSUITABLE
 */
export async function serveWorker(
  terminal: Terminal,
  { settings }: Pick<Services, 'settings'>,
): Promise<Result> {
  return runFleetProcess('worker', terminal, { settings }, async (fleetProcess) => {
    const { identity, log, stores, redis } = fleetProcess;
    const pool = settings.get('worker.pool');
    const registry = await openRunLog(settings, stores, log);
    const service = new WorkerService({
      pool,
      identity,
      consumer: (concurrency) => redis.shardConsumer(pool, { concurrency }),
      runs: runLogOf(registry),
      stores,
      storage: stores.options,
      engine: fleetEngine(settings),
      events: redis.events(),
      presence: redis.presence(),
      cacheFolder: cacheFolder(settings, terminal.env),
      log,
      resources: {
        engines: settings.get('worker.engines'),
        lanes: settings.get('worker.lanes'),
        memoryLimit: settings.get('worker.memoryLimit'),
      },
      graceMs: parseDurationMs(settings.get('worker.grace')),
      providers: await usableProviders(log),
      notices: settings
        .get('worker.notices')
        ?.map((name) => noticeSource(name, { log, now: Date.now })),
    });
    const source = { metrics: service.metrics, ready: () => readiness(service, redis) };
    const server = await openStatusServer(settings, 'worker.statusPort', source, log);
    try {
      log.info({ pool, redis: redis.where }, 'the worker begins');
      service.start();
      await untilStopped(service.drained, (reason) => service.drain(reason));
    } finally {
      await service.close();
      await server?.close();
    }
  });
}

/** What ONNX Runtime can compute with here, for `workers`: each job's engine finds out by itself. */
async function usableProviders(log: Logger): Promise<string[]> {
  const engine = EngineProcess.start({ environment: [] });
  try {
    const reports = await engine.inspectProviders();
    return reports.filter(({ reason }) => reason === null).map(({ provider }) => provider);
  } catch (error) {
    log.warn({ error: String(error) }, 'the execution providers cannot be listed');
    return [];
  } finally {
    await engine.close();
  }
}

/** A worker without Redis has nothing to do; it waits, and needs no restart. */
function readiness(service: WorkerService, { connected }: FleetRedis): Readiness {
  const { ready, why } = service.ready();
  const problems = [...(ready ? [] : [why]), ...(connected ? [] : ['Redis does not answer'])];
  return { ready: problems.length === 0, problems };
}
