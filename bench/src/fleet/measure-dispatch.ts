import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { newRunId, Stores } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import { FleetRedis } from '@shardmill/queue';
import { type MadePlan, makePlan, RunRegistry } from '@shardmill/scheduler';
import { SchedulerService } from '@shardmill/scheduler/service';
import { type RedisServer, startRedisServer } from '@shardmill/test-kit';
import { EngineProcess } from '@shardmill/worker';
import { makeDataset } from '../dataset.js';
import { makeSmallModel } from '../models.js';
import { below, type DispatchResult } from '../results.js';
import { workPath } from '../work-folder.js';

const SHARDS = 1_000_000;
/** As of a fleet of 32 workers with 8 shards in hand each. */
const IN_HAND = 256;
const GOAL_BYTES = 50 * 2 ** 20;
const FEATURES = ['f0', 'f1', 'f2'];

/**
 * Plans a run of 1,000,000 shards of one row and dispatches it by the real scheduler to consumers
 * that score nothing: they say at once that a shard is done.
 */
export async function measureDispatch(progress: (text: string) => void): Promise<DispatchResult> {
  progress(`dispatch: planning ${SHARDS} shards`);
  const folder = await workPath('dispatch');
  await rm(folder, { recursive: true, force: true });
  const server = await startRedisServer();
  const redis = await FleetRedis.open({ url: server.url });
  const stores = new Stores();
  const identity = { id: 'bench', host: os.hostname(), pid: process.pid, version: '0' };
  const registry = new RunRegistry(stores.open(path.join(folder, 'state')));
  let planSeconds = 0;
  const taken = new Set<number>();
  let finish: () => void = () => {};
  const all = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const events = redis.events();
  const consumer = redis.shardConsumer('cpu', { concurrency: IN_HAND });
  const presence = redis.presence();
  const announce = (): Promise<void> => presence.announce(idleWorker(identity));
  const service = new SchedulerService({
    registry,
    stores,
    queue: (pool) => redis.shardQueue(pool),
    events,
    presence,
    views: redis.views(),
    identity,
    log: {
      info() {},
      warn: (facts, text) => progress(`${text} ${JSON.stringify(facts)}`),
      error: (facts, text) => progress(`${text} ${JSON.stringify(facts)}`),
    },
    versions: {},
    // No record is ever written: what consumers say must do.
    settings: { relistMs: 24 * 3600 * 1000 },
    lookAtInput: async () => ({ missingMarkers: [], files: null }),
    makePlan: async (request) => {
      const started = performance.now();
      const made = await plan(request.job, request.jobFile, stores);
      planSeconds = (performance.now() - started) / 1000;
      return made;
    },
  });
  const beat = setInterval(() => void announce(), 1000);
  try {
    const empty = await usedMemory(server);
    await announce();
    await registry.submit({
      run: newRunId(new Date()),
      submittedAt: new Date().toISOString(),
      key: null,
      job: await dispatchJob(folder),
      jobFile: path.join(folder, 'job.json'),
      params: {},
      priority: 50,
      failFast: false,
      submittedBy: 'bench',
    });
    let firstAt: number | undefined;
    consumer.start(async ({ message }) => {
      firstAt ??= performance.now();
      taken.add(message.shard);
      const rows = { read: message.rows, scored: message.rows, rejected: 0, filtered: 0 };
      events.publish({ kind: 'shard-done', run: message.run, shard: message.shard, rows });
      if (taken.size === SHARDS) finish();
      return { kind: 'settled' };
    });
    service.start();
    const peaks = { redis: 0, resident: 0 };
    let ticks = 0;
    const watch = setInterval(() => {
      void usedMemory(server).then((bytes) => {
        peaks.redis = Math.max(peaks.redis, bytes - empty);
      });
      if (firstAt !== undefined) {
        peaks.resident = Math.max(peaks.resident, process.memoryUsage.rss());
        if (++ticks % 10 === 0) progress(`dispatch: ${taken.size} shards`);
      }
    }, 1000);
    await all;
    clearInterval(watch);
    const dispatchSeconds = (performance.now() - (firstAt ?? 0)) / 1000;
    return {
      shards: SHARDS,
      planSeconds,
      dispatchSeconds,
      shardsPerSecond: SHARDS / dispatchSeconds,
      redisBytes: peaks.redis,
      residentBytes: peaks.resident,
      goal: below(GOAL_BYTES, peaks.redis),
    };
  } finally {
    clearInterval(beat);
    consumer.stop();
    await service.close();
    await consumer.close();
    await redis.close();
    await server.close();
    await stores.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function idleWorker(identity: { id: string; host: string; pid: number; version: string }) {
  return {
    ...identity,
    id: 'bench-worker',
    kind: 'worker' as const,
    startedAt: new Date().toISOString(),
    seenAt: Date.now(),
    pool: 'cpu',
    state: 'taking' as const,
    concurrency: IN_HAND,
    residentBytes: 0,
    rowsPerSecond: 0,
    shardsDone: 0,
    providers: ['cpu'],
    tasks: [],
    refusals: [],
  };
}

type BenchJob = ReturnType<typeof parseJob>;

async function dispatchJob(folder: string): Promise<BenchJob> {
  const data = await makeDataset({ rows: SHARDS, compression: 'snappy', threads: 2 });
  return parseJob(
    {
      name: 'bench-dispatch',
      input: { uri: data.path },
      model: { uri: await makeSmallModel(FEATURES.length) },
      features: { features: FEATURES },
      output: { uri: path.join(folder, 'out'), columns: { id: 'id', score: 'score' } },
      plan: { partRows: 1, shardParts: 1 },
    },
    'job.json',
  );
}

async function plan(job: BenchJob, jobFile: string, stores: Stores): Promise<MadePlan> {
  const engine = EngineProcess.start();
  try {
    const now = new Date();
    const common = { params: {}, runId: newRunId(now), now, binder: engine, stores };
    return await makePlan({ job, jobFile, ...common });
  } finally {
    await engine.close();
  }
}

async function usedMemory(server: RedisServer): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await server.command('INFO', 'memory'))?.[1]);
}
