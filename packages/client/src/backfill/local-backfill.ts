import { type Job, type ParameterValues, ShardmillError, toShardmillError } from '@shardmill/core';
import {
  type BackfillDate,
  type DateOutcome,
  dateStates,
  endOf,
  findDate,
  hasEndedBackfill,
  jobOfDate,
  type RegisteredBackfill,
} from '@shardmill/scheduler';
import type { Fleet } from '../fleet/fleet.js';
import type { RunResult } from '../local-run/run-types.js';
import { backfillsOf } from './backfills-of.js';
import { lookAtBackfill, type SeenBackfill } from './follow-backfill.js';

export interface LocalDate {
  readonly ts: string;
  readonly job: Job;
  readonly jobFile: string;
  readonly params: ParameterValues;
}

export interface LocalBackfillEvents {
  /** A date is about to be run; `done` of `dates` have ended. */
  begun(date: LocalDate, done: number, dates: number): void;
  ended(date: LocalDate, outcome: DateOutcome): void;
}

/**
 * Runs a backfill here, one date after the other, and notes how each ended, so that the next process
 * goes on where this one is stopped.
 * @param run makes one local run.
 * @throws INTERRUPTED where a run was stopped; STORE_…
 */
export async function runBackfillHere(
  fleet: Fleet,
  begun: RegisteredBackfill,
  run: (date: LocalDate) => Promise<RunResult>,
  events: LocalBackfillEvents,
): Promise<SeenBackfill> {
  const backfills = backfillsOf(fleet);
  const { request } = begun;
  const { id } = request;
  for (;;) {
    const backfill = await backfills.refresh(begun);
    if (hasEndedBackfill(backfill)) break;
    const states = dateStates(request.dates, await backfills.outcomes(id), backfill.round);
    const open = states.filter(({ state }) => state === 'open');
    const [next] = open;
    if (backfill.phase === 'cancelling' || next === undefined) {
      const { phase } = backfill;
      const outcome = endOf(phase === 'cancelling' ? phase : 'running', states, 0) ?? 'failed';
      await backfills.end(backfill, outcome, new Date());
      break;
    }
    const date = localDate(begun, next.date);
    events.begun(date, states.length - open.length, states.length);
    const outcome = (await finishedAlready(fleet, date, next.date)) ?? (await outcomeOf(run, date));
    await backfills.noteOutcome(id, next.date.ts, backfill.round, outcome);
    events.ended(date, outcome);
  }
  return lookAtBackfill(fleet, id);
}

function localDate({ request }: RegisteredBackfill, date: BackfillDate): LocalDate {
  const { job, params } = jobOfDate(request, date);
  return {
    ts: date.ts,
    job: { ...job, output: { ...job.output, mode: date.mode } },
    jobFile: request.jobFile,
    params,
  };
}

/** What this backfill finished, and did not come to note: another run than the one to replace. */
async function finishedAlready(
  { stores, registry }: Fleet,
  { job, ts, params }: LocalDate,
  { replaces, mode }: BackfillDate,
): Promise<DateOutcome | undefined> {
  if (mode === 'append' || mode === 'replace-partitions') return undefined;
  const place = { store: stores.open(job.output.uri), job: job.name, registry };
  const found = await findDate(place, { ts, ds: params['ds'] ?? '' });
  if (found.kind !== 'finished' || found.run === replaces) return undefined;
  return {
    outcome: 'finished',
    at: found.finishedAt,
    run: found.run,
    runRound: 0,
    rows: null,
    seconds: found.seconds,
    error: null,
  };
}

async function outcomeOf(
  run: (date: LocalDate) => Promise<RunResult>,
  date: LocalDate,
): Promise<DateOutcome> {
  try {
    const { runId, manifest, elapsedMs } = await run(date);
    return {
      outcome: 'finished',
      at: new Date().toISOString(),
      run: runId,
      runRound: 0,
      rows: manifest.rows,
      seconds: elapsedMs / 1000,
      error: null,
    };
  } catch (thrown) {
    const error = toShardmillError(thrown);
    if (error.code === 'INTERRUPTED') throw interruptedDate(error, date);
    return {
      outcome: error.code === 'RUN_SKIPPED' ? 'skipped' : 'failed',
      at: new Date().toISOString(),
      run: '',
      runRound: 0,
      rows: null,
      seconds: null,
      error: error.toRecord(),
    };
  }
}

function interruptedDate(error: ShardmillError, { ts }: LocalDate): ShardmillError {
  return new ShardmillError('INTERRUPTED', `${error.message}, at the date ${ts}`, {
    where: error.where,
    remedy: 'Go on with `shardmill backfill resume last`: parts that are done are kept.',
    cause: error,
  });
}
