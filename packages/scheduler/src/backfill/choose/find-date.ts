import type { Manifest, ObjectStore, OutputMode } from '@shardmill/core';
import { isFinished, type KnownRun, readKnownRuns } from '../../output/known-runs.js';
import { findManifest, readLocation } from '../../output/read-location.js';
import { hasEnded, type RegisteredRun } from '../../state/fold-run.js';
import { lastHolder } from '../../state/output-locks.js';
import type { RunRegistry } from '../../state/run-registry.js';
import { stampOf } from '../log/backfill-layout.js';
import type { DateFinding } from './choose-dates.js';

/** Where a date's output lies, and the log of runs, which may know more of it. */
export interface DatePlace {
  /** Of the output location. */
  readonly store: ObjectStore;
  readonly job: string;
  readonly registry: RunRegistry;
}

/** A date as runs name it: its instant, and its day, its `{{ ds }}`. */
export interface DateName {
  readonly ts: string;
  readonly ds: string;
}

/**
 * What is known of a date that has an output location to itself: of what lies there, and of the
 * last run of the fleet that had it. Nothing is written. Where a run of another date lies there after all,
 * nothing there is to be replaced.
 */
export async function findDate(
  { store, job, registry }: DatePlace,
  date: DateName,
): Promise<DateFinding> {
  const last = await lastRunAt(registry, store.uri);
  if (last !== undefined && !hasEnded(last)) {
    return { kind: 'under-way', what: `run ${last.request.run} is under way` };
  }
  const location = await readLocation(store);
  const { foreignParquet, success, partsByRun } = location;
  if (foreignParquet.count > 0) {
    const [name = ''] = foreignParquet.some;
    return { kind: 'foreign', what: `Parquet of another program is there: ${name}` };
  }
  const runs = await readKnownRuns(store, location.runs);
  const manifests = await Promise.all(
    runs
      .filter((run) => isFinished(run, runs, success))
      .map(({ runId }) => findManifest(store, runId)),
  );
  const finished = manifests.filter((manifest) => manifest !== undefined);
  const other = finished.find((manifest) => manifest.job.name !== job);
  if (other !== undefined) {
    return { kind: 'foreign', what: `results of the job "${other.job.name}" are there` };
  }
  const ofOther = runs.find((run) => isOfAnotherDate(run, date));
  if (ofOther !== undefined) {
    const { runId, params } = ofOther;
    const what = `run ${runId} of another date (${params['ts'] ?? params['ds']}) is there`;
    return { kind: 'foreign', what: `${what}: ${OWN_LOCATION}` };
  }
  const newest = runs.at(-1);
  const manifest = finished.at(-1);
  if (manifest !== undefined && manifest.runId === newest?.runId) {
    return finishedDate(manifest);
  }
  if (newest !== undefined) {
    const how = last?.request.run === newest.runId || last?.planRun === newest.runId;
    return {
      kind: 'failed',
      run: newest.runId,
      how: how && last !== undefined ? howItEnded(last) : 'unfinished',
      code: how ? (last?.error?.code ?? null) : null,
      atOutput: true,
    };
  }
  const [orphan] = partsByRun.keys();
  if (orphan !== undefined) {
    return { kind: 'failed', run: orphan, how: 'unfinished', code: null, atOutput: true };
  }
  // One that was skipped has no output, as if it had not been.
  if (last !== undefined && last.phase !== 'finished' && last.phase !== 'skipped') {
    const { request, error } = last;
    const code = error?.code ?? null;
    return { kind: 'failed', run: request.run, how: howItEnded(last), code, atOutput: false };
  }
  return { kind: 'missing' };
}

/**
 * Which of several dates that write to one location were scored there, by their manifests: in the
 * modes `append` and `replace-partitions` runs of many dates lie side by side. In the latter a date
 * can be scored again.
 */
export async function findSharedDates(
  { store, job }: Pick<DatePlace, 'store' | 'job'>,
  dates: readonly DateName[],
  mode: OutputMode,
): Promise<DateFinding[]> {
  const location = await readLocation(store);
  const runs = await readKnownRuns(store, location.runs);
  const scored = new Map<string, FinishedDate>();
  for (const run of runs.filter((one) => isFinished(one, runs, location.success))) {
    const manifest = await findManifest(store, run.runId);
    if (manifest?.job.name !== job) continue;
    const { ts, ds } = manifest.job.params;
    // A run that was started by hand has a day, and no instant.
    scored.set(ts === undefined ? (ds ?? '') : stampOf(ts), finishedDate(manifest));
  }
  return dates.map(({ ts, ds }) => {
    const found = scored.get(stampOf(ts)) ?? scored.get(ds);
    if (found === undefined) return { kind: 'missing' };
    if (mode === 'replace-partitions') return found;
    const what = `scored by ${found.run}, among other dates, which mode ${mode} cannot replace by themselves`;
    return { kind: 'foreign', what: `${what}: ${OWN_LOCATION}` };
  });
}

/** What lets a backfill replace a date that it leaves out. */
const OWN_LOCATION =
  'give each date an output location of its own, or a partition (replace-partitions)';

/** A run that was started by hand has a day, and no instant. One whose plan does not say is none. */
function isOfAnotherDate({ params: { ts, ds } }: KnownRun, date: DateName): boolean {
  if (ts !== undefined) return stampOf(ts) !== stampOf(date.ts);
  return ds !== undefined && ds !== date.ds;
}

type FinishedDate = Extract<DateFinding, { kind: 'finished' }>;

function finishedDate({ runId, finishedAt, rows, seconds }: Manifest): FinishedDate {
  return {
    kind: 'finished',
    run: runId,
    finishedAt,
    rows: rows.read,
    seconds: seconds['wall'] ?? 0,
  };
}

/** The run of the fleet that had the output location last. */
async function lastRunAt(
  registry: RunRegistry,
  output: string,
): Promise<RegisteredRun | undefined> {
  const last = await lastHolder(registry.store, output);
  return last === undefined ? undefined : registry.find(last.holder.run);
}

function howItEnded({ phase }: RegisteredRun): 'failed' | 'cancelled' | 'unfinished' {
  return phase === 'failed' || phase === 'cancelled' ? phase : 'unfinished';
}
