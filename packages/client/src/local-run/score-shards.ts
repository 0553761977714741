import {
  type ObjectStore,
  parseDurationMs,
  type Plan,
  type PlannedShard,
  ShardmillError,
  type ShardRecord,
  shardRecordKey,
  shardRecordsPrefix,
  untilAborted,
} from '@shardmill/core';
import type { RoundFacts } from '@shardmill/queue';
import { InProcessShardQueue } from '@shardmill/queue/in-process';
import { type FailedShard, findRecord, plannedShards, roundInPlan } from '@shardmill/scheduler';
import {
  chooseResources,
  defaultCacheFolder,
  describeShrunkCalls,
  EnginePool,
  EngineProcess,
  engineSettings,
  SHARDS_PER_ENGINE,
  ShardWorker,
  singlePassSetting,
  thisMachine,
} from '@shardmill/worker';
import { LimitWatch } from './limit-watch.js';
import { LocalPlan } from './local-plan.js';
import type { LocalRunContext } from './run-types.js';
import { ShardReport } from './report-shard-ends.js';
import type { RunTally } from './run-tally.js';
import type { LocalRunOptions, RunEvents } from './run-types.js';

/** Names this process where failed attempts are stored. */
const LOCAL_WORKER = 'local';

export interface ShardsToScore {
  /** The id of this start; another one than the plan's where an unfinished run was adopted. */
  readonly runId: string;
  readonly plan: Plan;
  /** The store at the plan's output. */
  readonly store: ObjectStore;
  readonly tally: RunTally;
}

/**
 * Scores the shards of a plan that have no record yet: the fleet's shard worker and engine pool,
 * with a queue in this process.
 * @returns the shards that failed for good
 * @throws what the engines cannot be set up for, and what ends the run before all shards were tried
 */
export async function scoreShards(
  options: LocalRunOptions & LocalRunContext,
  events: RunEvents,
  { runId, plan, store, tally }: ShardsToScore,
): Promise<FailedShard[]> {
  const { job, signal, engine, stores, cacheFolder = defaultCacheFolder(), rules } = options;
  const machine = thisMachine();
  const { engines } = chooseResources(options, job.resources, plan.scoring, machine);
  const facts = roundFacts(runId, plan, options);
  const settings = await engineSettings(
    { message: facts, plan },
    {
      cacheFolder,
      resources: { ...options, engines },
      machine,
      singlePass: singlePassSetting(process.env),
    },
  );
  const { notice, notifyOnce } = notices(events);
  const processes = Math.min(engines, Math.max(1, plan.totals.shards));
  let firstEngine: EngineProcess | undefined = engine;
  const pool = new EnginePool({
    engines: processes,
    startEngine: () => {
      const ready = firstEngine;
      firstEngine = undefined;
      if (ready !== undefined) return ready;
      return EngineProcess.start({ storage: stores.options, cacheFolder, allow: rules?.allow });
    },
    // The folders are the run's; engines that follow each other share them.
    settingsOf: async () => ({ ...settings, release: async () => {} }),
    onOpened: (_request, opened) => opened.notices.forEach(notifyOnce),
    onShrunk: (_request, calls) => {
      tally.shrunkCalls.push(calls);
      notice(describeShrunkCalls(calls));
    },
    onNotice: (_request, text) => notifyOnce(text),
    now: Date.now,
  });
  const localPlan = new LocalPlan(store, plan);
  const drop = new AbortController();
  const stop = AbortSignal.any([signal, drop.signal]);
  const report = new ShardReport({
    plan: { runId: plan.runId, output: store.uri },
    tally,
    notice,
    stop: (error) => drop.abort(error),
    now: Date.now,
  });
  const limits = new LimitWatch({
    limits: job.limits ?? {},
    pool: job.resources.pool,
    prices: rules?.prices,
    shards: plan.totals.shards,
    stop: (error) => drop.abort(error),
    now: Date.now,
  });
  const onRecorded = (record: ShardRecord): void => {
    tally.shardDone(record, true);
    limits.done(record);
  };
  const queue = new InProcessShardQueue(
    localPlan.messages(facts, missingShards(store, plan, onRecorded)),
  );
  const worker = new ShardWorker({
    worker: LOCAL_WORKER,
    plans: localPlan,
    allow: rules?.allow,
    regionOf: stores.regionOf,
    store: () => store,
    scoreShard: (request, dropped) => {
      const onProgress: Parameters<EnginePool['scoreShard']>[0]['onProgress'] = (progress) => {
        tally.part(progress);
        if (progress.created !== undefined) request.onFile(progress.created);
        if (progress.finished !== null) request.onPart(progress.finished, !progress.resumed);
      };
      const onStartOver = (error: ShardmillError): void =>
        report.startedOver(request.shard.shard, error.toRecord());
      return pool.scoreShard({ ...request, onProgress, onStartOver }, dropped);
    },
    untilOut: (message) => pool.untilOut(message),
    events: { publish: () => {} },
    now: Date.now,
    random: Math.random,
    onEnd: ({ message: { shard } }, end) => {
      report.ended(shard, end);
      if (end.kind === 'done' || end.kind === 'found') limits.done(end.record);
      if (end.kind === 'failed') limits.failed();
      if (end.kind === 'done' || end.kind === 'found' || end.kind === 'failed') {
        localPlan.forget(shard);
      }
    },
  });
  const consumer = queue.consumer(processes * SHARDS_PER_ENGINE);
  try {
    consumer.start((task) => worker.work(task, stop));
    await untilAborted(queue.drained(), stop);
    return report.failures;
  } finally {
    limits.close();
    drop.abort(new ShardmillError('INTERRUPTED', 'the run has ended'));
    queue.close();
    await Promise.all([consumer.close(), pool.close()]);
    await settings.release();
  }
}

/** What is the same for all shards of this start. */
function roundFacts(runId: string, plan: Plan, { job }: LocalRunOptions): RoundFacts {
  const { attempts, partTimeout, diskFullWait } = job.errors;
  return {
    run: runId,
    planRun: plan.runId,
    output: plan.scoring.output.uri,
    planDigest: plan.digest,
    round: roundInPlan(runId, plan.runId, 0),
    attempts,
    partTimeoutMs: parseDurationMs(partTimeout),
    diskFullWaitMs: parseDurationMs(diskFullWait),
    resources: job.resources,
  };
}

/** Every engine reports the same notices: each is passed on once. */
function notices(events: RunEvents): {
  readonly notice: (text: string) => void;
  readonly notifyOnce: (text: string) => void;
} {
  const notified = new Set<string>();
  const notice = (text: string): void => events.notice(text);
  const notifyOnce = (text: string): void => {
    if (!notified.has(text)) notice(text);
    notified.add(text);
  };
  return { notice, notifyOnce };
}

async function* missingShards(
  store: ObjectStore,
  plan: Plan,
  onRecorded: (record: ShardRecord) => void,
): AsyncGenerator<PlannedShard> {
  // One listing instead of a request for every shard. A record that comes later costs nothing
  // but a check of its parts.
  const recorded = new Set<string>();
  for await (const { key } of store.list(shardRecordsPrefix(plan.runId))) recorded.add(key);
  for await (const shard of plannedShards(store, plan)) {
    const there = recorded.has(shardRecordKey(plan.runId, shard.shard));
    const record = there ? await findRecord(store, plan, shard.shard) : undefined;
    if (record === undefined) yield shard;
    else onRecorded(record);
  }
}
