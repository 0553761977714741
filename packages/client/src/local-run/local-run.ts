import {
  type Manifest,
  manifestKey,
  newRunId,
  type ObjectStore,
  parseDurationMs,
  type Plan,
  type PlannedShard,
  ShardmillError,
  shardRecordKey,
  shardRecordsPrefix,
  type Stores,
} from '@shardmill/core';
import {
  beginRun,
  finalizeRun,
  findFinishedRun,
  findRecord,
  type JobRules,
  plannedShards,
  runFailure,
  startRun,
} from '@shardmill/scheduler';
import {
  chooseResources,
  defaultCacheFolder,
  diskDelayMs,
  describeShrunkCalls,
  EngineProcess,
  EngineSlot,
  openRunFolders,
  type PlanningLimits,
  runtimeVersions,
  thisMachine,
} from '@shardmill/worker';
import { planHere } from '../planning/local-planner.js';
import { version } from '../version.js';
import { DiskFullWait } from './disk-full-wait.js';
import type { LocalRunOptions, RunEvents, RunResult } from './run-types.js';
export type { ShrunkCalls } from '@shardmill/worker';
export type { LocalRunOptions, RunEvents, RunProgress, RunResult } from './run-types.js';
import { RunTally } from './run-tally.js';
import { type ShardFailure, workShards } from './work-shards.js';

const PROGRESS_MS = 100;

/** What a run has from the program that it is part of. */
export interface LocalRunWorld {
  /** A process that is started already; it is closed at the end. */
  readonly engine: EngineProcess;
  readonly stores: Stores;
  /** For models and input that are fetched; `defaultCacheFolder` where left out. */
  readonly cacheFolder?: string | undefined;
  /** What the configuration demands of jobs. */
  readonly rules?: JobRules | undefined;
  /** Of planning. */
  readonly limits: PlanningLimits;
}

/**
 * A whole run on this machine: the planner, the engine and the finalizer of the fleet, with a
 * queue in this process. A run that was interrupted goes on at its first missing part.
 */
export async function localRun(
  options: LocalRunOptions & LocalRunWorld,
  events: RunEvents,
): Promise<RunResult> {
  const startedAt = Date.now();
  const { job, signal, engine } = options;
  let interrupt = (): void => {};
  const interruption = new Promise<never>((_resolve, reject) => {
    interrupt = () => {
      const reason = interrupted('while planning');
      engine.kill(reason);
      reject(reason);
    };
  });
  signal.addEventListener('abort', interrupt);
  try {
    // A store that does not answer is tried for minutes: who presses Ctrl-C does not wait for that.
    const begun = await Promise.race([begin(options), interruption]);
    signal.removeEventListener('abort', interrupt);
    const { store, plan, resumed } = begun;
    if (begun.finished !== undefined) {
      return {
        ...resultOf(store, begun.finished, startedAt),
        resumed: true,
        alreadyFinished: true,
      };
    }
    signal.throwIfAborted();
    events.planned(plan, resumed);

    const tally = new RunTally(plan, startedAt);
    const failures = await score(options, events, plan, tally, store);
    events.progress(tally.progress(Date.now()));
    if (signal.aborted) throw interrupted(partsDone(tally, plan));
    if (failures.length > 0) {
      const { shards } = plan.totals;
      throw runFailure(failures, { shards, output: store.uri, others: 'done' });
    }
    const manifest = await finalizeRun({
      store,
      plan,
      maxRejectedRows: options.maxRejectedRows ?? job.errors.maxRejectedRows,
      now: new Date(),
      versions: { shardmill: version(), ...runtimeVersions() },
      seconds: { wall: (Date.now() - startedAt) / 1000 },
    });
    return { ...resultOf(store, manifest, startedAt), resumed, alreadyFinished: false };
  } catch (error) {
    if (signal.aborted && !(error instanceof ShardmillError)) throw interrupted('while planning');
    throw error;
  } finally {
    signal.removeEventListener('abort', interrupt);
    await engine.close();
  }
}

function resultOf(
  store: ObjectStore,
  manifest: Manifest,
  startedAt: number,
): Omit<RunResult, 'resumed' | 'alreadyFinished'> {
  const { runId } = manifest;
  return {
    runId,
    output: store.uri,
    manifest,
    manifestPath: store.locate(manifestKey(runId)),
    elapsedMs: Date.now() - startedAt,
  };
}

interface BegunRun {
  /** Of the output. */
  readonly store: ObjectStore;
  readonly plan: Plan;
  readonly resumed: boolean;
  /** Of a run of the same plan that had finished before; nothing was begun. */
  readonly finished?: Manifest | undefined;
}

/** Plans a run and opens its output for it. */
async function begin({
  job,
  jobFile,
  params,
  engine,
  stores,
  ifFinished,
  command,
  selection,
  rules,
  maxRejectedRows,
  signal,
  limits,
}: LocalRunOptions & LocalRunWorld): Promise<BegunRun> {
  const now = new Date();
  const runId = newRunId(now);
  const made = await planHere(
    {
      job,
      jobFile,
      params,
      runId,
      now,
      engine,
      stores,
      command,
      selection,
      rules,
      maxRejectedRows,
    },
    { limits, signal },
  );
  const { uri } = made.plan.scoring.output;
  const store = stores.open(uri);
  if (ifFinished === 'ok') {
    const finished = await findFinishedRun(store, made.plan.digest);
    if (finished !== undefined) return { store, plan: made.plan, resumed: false, finished };
  }
  await stores.requireConditionalWrites(uri);
  const { plan, adopted } = await startRun(store, made);
  await beginRun(store, plan, runId);
  return { store, plan, resumed: adopted };
}

/** Scores the shards that have no record yet. @returns those that failed for good. */
async function score(
  options: LocalRunOptions & LocalRunWorld,
  events: RunEvents,
  plan: Plan,
  tally: RunTally,
  store: ObjectStore,
): Promise<ShardFailure[]> {
  const { job, signal, engine, stores, cacheFolder = defaultCacheFolder(), rules } = options;
  const resources = chooseResources(options, job.resources, plan.scoring, thisMachine());
  const folders = await openRunFolders(plan, cacheFolder);
  const settings = {
    ...resources,
    runId: plan.runId,
    planDigest: plan.digest,
    jobName: plan.job.name,
    scoring: plan.scoring,
    inputFolders: folders.inputFolders,
    stagingFolder: folders.stagingFolder,
    temporaryFolder: folders.temporaryFolder,
  };
  const notified = new Set<string>();
  // Every engine reports the same notices.
  const notifyOnce = (notice: string): void => {
    if (!notified.has(notice)) events.notice(notice);
    notified.add(notice);
  };
  const slots = Array.from(
    { length: Math.min(resources.engines, Math.max(1, plan.totals.shards)) },
    (_, index) =>
      new EngineSlot({
        settings,
        memoryLimitBytes: resources.memoryLimitBytes,
        partTimeoutMs: parseDurationMs(job.errors.partTimeout),
        onProgress: (progress) => tally.part(progress),
        onOpened: ({ notices }) => notices.forEach(notifyOnce),
        onShrunk: (calls) => {
          tally.shrunkCalls.push(calls);
          events.notice(describeShrunkCalls(calls));
        },
        onNotice: notifyOnce,
        engine: index === 0 ? engine : undefined,
        startEngine: () =>
          EngineProcess.start({ storage: stores.options, cacheFolder, allow: rules?.allow }),
      }),
  );
  const stop = (): void => {
    for (const slot of slots) void slot.close(interrupted('while scoring'));
  };
  signal.addEventListener('abort', stop);
  const ticker = setInterval(() => events.progress(tally.progress(Date.now())), PROGRESS_MS);
  try {
    return await workShards({
      store,
      slots,
      signal,
      attempts: job.errors.attempts,
      diskFull: new DiskFullWait(parseDurationMs(job.errors.diskFullWait), (fullForMs, waitMs) =>
        diskDelayMs(fullForMs, waitMs, Math.random()),
      ),
      shards: missingShards(store, plan, tally),
      onRecord: (record) => tally.shardDone(record, false),
      onPause: (shard, error, notice) => {
        tally.shardStopped(shard);
        if (notice === undefined) return;
        events.notice(`shard ${shard.shard}: ${error.code} ${error.message}; ${notice}`);
      },
      onStopped: (shard, error, again) => {
        tally.shardStopped(shard);
        if (again) tally.retries++;
        else tally.shardsFailed++;
        const what = again ? 'trying again' : 'giving it up';
        events.notice(`shard ${shard.shard}: ${error.code} ${error.message}; ${what}`);
      },
    });
  } finally {
    clearInterval(ticker);
    signal.removeEventListener('abort', stop);
    await Promise.all(slots.map((slot) => slot.close(interrupted('at the end'))));
    await folders.close();
  }
}

async function* missingShards(
  store: ObjectStore,
  plan: Plan,
  tally: RunTally,
): AsyncGenerator<PlannedShard> {
  // One listing instead of a question for every shard. A record that comes later costs nothing
  // but a look at its parts.
  const recorded = new Set<string>();
  for await (const { key } of store.list(shardRecordsPrefix(plan.runId))) recorded.add(key);
  for await (const shard of plannedShards(store, plan)) {
    const there = recorded.has(shardRecordKey(plan.runId, shard.shard));
    const record = there ? await findRecord(store, plan, shard.shard) : undefined;
    if (record === undefined) yield shard;
    else tally.shardDone(record, true);
  }
}

function interrupted(when: string): ShardmillError {
  return new ShardmillError('INTERRUPTED', `the run was stopped ${when}`);
}

function partsDone(tally: RunTally, plan: Plan): string {
  const { partsDone: done, partsPlanned: planned } = tally.progress(Date.now());
  return `with ${done} of ${planned} parts done (run ${plan.runId})`;
}
