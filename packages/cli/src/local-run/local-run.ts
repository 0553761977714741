import { stat } from 'node:fs/promises';
import path from 'node:path';
import {
  manifestKey,
  newRunId,
  openStore,
  parseDurationMs,
  type Plan,
  type PlannedShard,
  ShardmillError,
} from '@shardmill/core';
import {
  beginRun,
  finalizeRun,
  findRecord,
  makePlan,
  plannedShards,
  startRun,
} from '@shardmill/scheduler';
import { type EngineProcess, EngineSlot, runtimeVersions } from '@shardmill/worker';
import { version } from '../version.js';
import { chooseResources, thisMachine } from './choose-resources.js';
import type { LocalRunOptions, RunEvents, RunResult } from './run-types.js';
import { RunTally } from './run-tally.js';
import { makeTemporaryFolder, removeTemporaryFolder } from './temporary-folder.js';
import { type ShardFailure, workShards } from './work-shards.js';

const PROGRESS_MS = 100;

/**
 * A whole run on this machine: the planner, the engine and the finalizer of the fleet, with a
 * queue in this process. A run that was interrupted goes on at its first missing part.
 * `engine` is a process that is started already; it is closed at the end.
 */
export async function localRun(
  options: LocalRunOptions & { readonly engine: EngineProcess },
  events: RunEvents,
): Promise<RunResult> {
  const startedAt = Date.now();
  const { job, signal, engine } = options;
  const interrupt = (): void => engine.kill(interrupted('while planning'));
  signal.addEventListener('abort', interrupt);
  try {
    const made = await makePlan({
      job,
      jobFile: options.jobFile,
      params: options.params,
      runId: newRunId(new Date()),
      now: new Date(),
      binder: engine,
    });
    const store = openStore(made.plan.scoring.output.uri);
    const { plan, adopted: resumed } = await startRun(store, made);
    await beginRun(store, plan);
    signal.removeEventListener('abort', interrupt);
    signal.throwIfAborted();
    events.planned(plan, resumed);

    const tally = new RunTally(plan, startedAt);
    const failures = await score(options, events, plan, tally, engine);
    events.progress(tally.progress(Date.now()));
    if (signal.aborted) throw interrupted(partsDone(tally, plan));
    if (failures.length > 0) throw failed(failures, plan);
    const elapsedMs = Date.now() - startedAt;
    const manifest = await finalizeRun({
      store,
      plan,
      maxRejectedRows: options.maxRejectedRows ?? job.errors.maxRejectedRows,
      now: new Date(),
      versions: { shardmill: version(), ...runtimeVersions() },
      seconds: { wall: elapsedMs / 1000 },
    });
    return {
      runId: plan.runId,
      output: store.root,
      manifest,
      manifestPath: store.pathOf(manifestKey(plan.runId)),
      elapsedMs,
      resumed,
    };
  } catch (error) {
    if (signal.aborted && !(error instanceof ShardmillError)) throw interrupted('while planning');
    throw error;
  } finally {
    signal.removeEventListener('abort', interrupt);
    await engine.close();
  }
}

/** Scores the shards that have no record yet. @returns those that failed for good. */
async function score(
  options: LocalRunOptions,
  events: RunEvents,
  plan: Plan,
  tally: RunTally,
  engine: EngineProcess,
): Promise<ShardFailure[]> {
  const { job, signal } = options;
  const store = openStore(plan.scoring.output.uri);
  const resources = chooseResources(options, plan.scoring, thisMachine());
  const temporaryFolder = await makeTemporaryFolder(store.root);
  const settings = {
    ...resources,
    runId: plan.runId,
    planDigest: plan.digest,
    jobName: plan.job.name,
    scoring: plan.scoring,
    temporaryFolder,
    inputFolders: await Promise.all(plan.inputUris.map(folderOf)),
  };
  const slots = Array.from(
    { length: Math.min(resources.engines, Math.max(1, plan.totals.shards)) },
    (_, index) =>
      new EngineSlot({
        settings,
        memoryLimitBytes: resources.memoryLimitBytes,
        partTimeoutMs: parseDurationMs(job.errors.partTimeout),
        onProgress: (progress) => tally.part(progress),
        engine: index === 0 ? engine : undefined,
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
      shards: missingShards(store, plan, tally),
      onRecord: (record) => tally.shardDone(record, false),
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
    await removeTemporaryFolder(temporaryFolder);
  }
}

async function* missingShards(
  store: ReturnType<typeof openStore>,
  plan: Plan,
  tally: RunTally,
): AsyncGenerator<PlannedShard> {
  for await (const shard of plannedShards(store, plan)) {
    const record = await findRecord(store, plan, shard.shard);
    if (record === undefined) yield shard;
    else tally.shardDone(record, true);
  }
}

/** The folder that holds everything that a location names: up to its first wildcard. */
async function folderOf(uri: string): Promise<string> {
  const info = await stat(uri).catch(() => undefined);
  if (info?.isDirectory() === true) return uri;
  const wildcard = info === undefined ? uri.search(/[*?[{]/) : -1;
  return path.dirname(wildcard < 0 ? uri : uri.slice(0, wildcard + 1));
}

function interrupted(when: string): ShardmillError {
  return new ShardmillError('INTERRUPTED', `the run was stopped ${when}`);
}

function partsDone(tally: RunTally, plan: Plan): string {
  const { partsDone: done, partsPlanned: planned } = tally.progress(Date.now());
  return `with ${done} of ${planned} parts done (run ${plan.runId})`;
}

/** One error for the run: the shards' own where they agree. */
function failed(failures: readonly ShardFailure[], plan: Plan): ShardmillError {
  const [first] = failures;
  const { shards } = plan.totals;
  const kept =
    failures.length === shards
      ? `${shards === 1 ? 'the only shard' : `all ${shards} shards`} failed`
      : `${failures.length} of ${shards} shards failed, the others are done and kept`;
  if (first !== undefined && failures.every(({ error }) => error.code === first.error.code)) {
    const { code, message, where, remedy } = first.error;
    const tried = first.attempts > 1 ? `, ${first.attempts} attempts` : '';
    return new ShardmillError(code, `${message} (${kept}${tried})`, { where, remedy });
  }
  const list = failures
    .slice(0, 5)
    .map(({ shard, error }) => `shard ${shard}: ${error.code} ${error.message}`);
  return new ShardmillError('SHARDS_FAILED', `${kept}\n${list.join('\n')}`, {
    where: plan.scoring.output.uri,
  });
}
