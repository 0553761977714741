import path from 'node:path';
import {
  type ErrorCode,
  type Manifest,
  manifestKey,
  newRunId,
  type ObjectStore,
  type Plan,
  priceOf,
  resolveLocation,
  ShardmillError,
} from '@shardmill/core';
import {
  beginRun,
  checkRules,
  finalizeRun,
  findFinishedRun,
  runFailure,
  startRun,
  withWhatIsKept,
} from '@shardmill/scheduler';
import { runtimeVersions } from '@shardmill/worker';
import { profileQueries } from '../planning/profile-queries.js';
import { tableCheckpoints } from '../planning/table-checkpoints.js';
import { version } from '../version.js';
import { planLocalRun } from './plan-local-run.js';
import type { LocalRunContext, LocalRunOptions, RunEvents, RunResult } from './run-types.js';
export type { ShrunkCalls } from '@shardmill/worker';
export type { LocalRunOptions, RunEvents, RunProgress, RunResult } from './run-types.js';
import { RunTally } from './run-tally.js';
import type { FailedShard } from '@shardmill/scheduler';
import { scoreShards, type ShardsToScore } from './score-shards.js';
import { waitForInput } from './wait-for-input.js';

const PROGRESS_MS = 100;

/**
 * A whole run on this machine: the planner, the engine and the finalizer of the fleet, with a
 * queue in this process. A run that was interrupted goes on at its first missing part.
 */
export async function localRun(
  options: LocalRunOptions & LocalRunContext,
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
  try {
    await waitForInput(options, options, events);
    signal.addEventListener('abort', interrupt);
    // A store that does not answer is tried for minutes: who presses Ctrl-C does not wait for that.
    const begun = await Promise.race([begin(options, events), interruption]);
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

    const tally = new RunTally(plan.totals, startedAt);
    const failures = await scoreWithProgress(options, events, {
      runId: begun.runId,
      plan,
      store,
      tally,
    });
    events.progress(tally.progress(Date.now()));
    if (failures.length > 0) {
      const { shards } = plan.totals;
      throw runFailure(failures, { shards, output: store.uri, others: 'done' });
    }
    const apart = {
      storage: options.stores.options,
      engine: { cacheFolder: options.cacheFolder, allow: options.rules?.allow },
      limits: options.limits,
    };
    const checkpoints = tableCheckpoints(apart);
    const manifest = await finalizeRun({
      store,
      plan,
      maxRejectedRows: options.maxRejectedRows ?? job.errors.maxRejectedRows,
      now: new Date(),
      versions: { shardmill: version(), ...runtimeVersions() },
      seconds: { wall: (Date.now() - startedAt) / 1000 },
      usage: { pool: null, pricePerHour: priceOf(options.rules?.prices, job.resources.pool) },
      readCheckpoint: checkpoints.readCheckpoint,
      checkpoints: {
        write: checkpoints.writeCheckpoint,
        failed: (message) => events.notice(message),
      },
      queryProfile: profileQueries(apart),
      history: options.history,
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
  /** The store of the output. */
  readonly store: ObjectStore;
  /** The id of this start; another one than the plan's where an unfinished run was adopted. */
  readonly runId: string;
  readonly plan: Plan;
  readonly resumed: boolean;
  /** The manifest of a run of the same plan that had finished before; nothing was begun. */
  readonly finished?: Manifest | undefined;
}

/** Plans a run and opens its output for it. */
async function begin(
  {
    job,
    jobFile,
    params,
    engine,
    stores,
    ifFinished,
    runId: givenId,
    command,
    selection,
    rules,
    maxRejectedRows,
    signal,
    limits,
    models,
    baseline,
  }: LocalRunOptions & LocalRunContext,
  events: Pick<RunEvents, 'notice'>,
): Promise<BegunRun> {
  const now = new Date();
  const runId = givenId ?? newRunId(now);
  // Before anything of what the job names is opened.
  await checkRules(rules ?? {}, job, jobFile, stores);
  const output = resolveLocation(job.output.uri, path.dirname(jobFile));
  // Three requests, one after the other, while others plan.
  const probing = ifFinished === 'ok' ? undefined : stores.requireConditionalWrites(output);
  probing?.catch(() => {});
  const planning = planLocalRun(
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
      models,
      baseline,
    },
    { limits, signal },
    (message) => events.notice(message),
  );
  const made = await planning.catch(async (error: unknown) => {
    // What is tried deletes its object.
    await probing?.catch(() => {});
    throw error;
  });
  const { uri } = made.plan.scoring.output;
  const store = stores.open(uri);
  if (ifFinished === 'ok') {
    const finished = await findFinishedRun(store, made.plan);
    if (finished !== undefined) return { store, runId, plan: made.plan, resumed: false, finished };
  }
  await stores.requireConditionalWrites(uri);
  const { plan, adopted } = await startRun(store, made);
  await beginRun(store, plan, runId);
  return { store, runId, plan, resumed: adopted };
}

/** @throws INTERRUPTED, with what is done, where the user has stopped the run */
async function scoreWithProgress(
  options: LocalRunOptions & LocalRunContext,
  events: RunEvents,
  shards: ShardsToScore,
): Promise<FailedShard[]> {
  const { tally, plan } = shards;
  const report = (): void => events.progress(tally.progress(Date.now()));
  const ticker = setInterval(report, PROGRESS_MS);
  try {
    return await scoreShards(options, events, shards);
  } catch (error) {
    if (options.signal.aborted) {
      report();
      throw interrupted(partsDone(tally, plan));
    }
    if (error instanceof ShardmillError && STOPPED_BY_LIMIT.includes(error.code)) {
      report();
      const { partsDone: done, partsPlanned: of } = tally.progress(Date.now());
      throw withWhatIsKept(error, { done, of, what: 'parts' }, plan);
    }
    throw error;
  } finally {
    clearInterval(ticker);
  }
}

const STOPPED_BY_LIMIT: readonly ErrorCode[] = ['MAX_DURATION_REACHED', 'MAX_COST_REACHED'];

function interrupted(when: string): ShardmillError {
  return new ShardmillError('INTERRUPTED', `the run was stopped ${when}`);
}

function partsDone(tally: RunTally, plan: Plan): string {
  const { partsDone: done, partsPlanned: planned } = tally.progress(Date.now());
  return `with ${done} of ${planned} parts done (run ${plan.runId})`;
}
