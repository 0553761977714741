import type { LedgerCounts } from './ledger-counts.js';
import { addWork, NO_WORK, type PlanTotals } from '@shardmill/core';
import type { InputWait, RunState, RunView, WorkerInfo } from '@shardmill/queue';
import { usageOf } from '../../finalize/usage.js';
import type { RegisteredRun } from '../../state/fold-run.js';

/** What is known of a run when a view of it is made. */
export interface ViewFacts {
  readonly run: RegisteredRun;
  readonly output: string;
  /** Null where there is no plan yet. */
  readonly totals: PlanTotals | null;
  /** Null where the shards are not known yet. */
  readonly shards: LedgerCounts | null;
  readonly activity: 'planning' | 'finalizing' | null;
  readonly inFlight: InFlight;
  readonly retries: number;
  /** Of an hour of a worker; undefined where the configuration has none. */
  readonly pricePerHour: number | undefined;
  readonly memory: RunView['memory'];
  readonly notice: string | null;
  /** What it waits for, and what was missing at the last check. */
  readonly inputWait: InputWait | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The shards of a run that workers are working. */
export interface InFlight {
  readonly shards: number;
  readonly workers: number;
  readonly scored: number;
  readonly rejected: number;
  readonly filtered: number;
  /** Time of workers since they took them. */
  readonly workerSeconds: number;
}

export const NOTHING_IN_HAND: InFlight = {
  shards: 0,
  workers: 0,
  scored: 0,
  rejected: 0,
  filtered: 0,
  workerSeconds: 0,
};

/** A run as it is now. Rows of shards that are being worked on count. */
export function makeView(facts: ViewFacts): RunView {
  const { run, totals, inFlight, now } = facts;
  const { request, planRun, endedAt, error } = run;
  const planned = totals?.shards ?? 0;
  const done = run.phase === 'finished' ? planned : (facts.shards?.done ?? 0);
  const failed = facts.shards?.failed ?? 0;
  const open = Math.max(0, planned - done - failed);
  const active = Math.min(open, inFlight.shards);
  const delayed = Math.min(open - active, facts.shards?.delayed ?? 0);
  return {
    run: request.run,
    job: request.job.name,
    state: stateOf(facts),
    pool: request.job.resources.pool,
    output: facts.output,
    planRun,
    submittedAt: request.submittedAt,
    endedAt,
    at: now,
    ...rowsOf(facts),
    shards: { planned, done, failed, active, delayed, waiting: open - active - delayed },
    retries: facts.retries,
    usage: usageSoFar(facts),
    memory: facts.memory,
    workers: inFlight.workers,
    error,
    notice: endedAt === null ? facts.notice : null,
    inputWait: facts.inputWait,
  };
}

/** In-flight shards count with the time that their workers report. */
function usageSoFar({ run, shards, inFlight, pricePerHour }: ViewFacts): RunView['usage'] {
  if (shards === null) return null;
  const { pool } = run.request.job.resources;
  const { workerSeconds } = inFlight;
  return usageOf(addWork(shards.work, { ...NO_WORK, workerSeconds }), { pool, pricePerHour });
}

type Rows = Pick<
  RunView,
  'rowsPlanned' | 'rowsDone' | 'rowsScored' | 'rowsRejected' | 'rowsFiltered'
>;

function rowsOf({ run, totals, shards, inFlight }: ViewFacts): Rows {
  const last = run.events.at(-1);
  if (last?.kind === 'finished') {
    const { read, scored, rejected, filtered } = last.rows;
    // Rows that statistics ruled out are no work.
    const pruned = totals?.prunedRows ?? 0;
    return {
      rowsPlanned: read - pruned,
      rowsDone: read - pruned,
      rowsScored: scored,
      rowsRejected: rejected,
      rowsFiltered: filtered - pruned,
    };
  }
  const rowsPlanned = totals?.rows ?? 0;
  const known = shards?.rows;
  const [scored, rejected, filtered] = [
    (known?.scored ?? 0) + inFlight.scored,
    (known?.rejected ?? 0) + inFlight.rejected,
    (known?.filtered ?? 0) + inFlight.filtered,
  ];
  // Until they are counted, shards are taken to be of the common size.
  const mean = totals === null || totals.shards === 0 ? 0 : totals.rows / totals.shards;
  const uncounted = Math.round((shards?.uncounted ?? 0) * mean);
  return {
    rowsPlanned,
    rowsDone: Math.min(rowsPlanned, scored + rejected + filtered + uncounted),
    rowsScored: scored,
    rowsRejected: rejected,
    rowsFiltered: filtered,
  };
}

function stateOf({ run, activity }: ViewFacts): RunState {
  switch (run.phase) {
    case 'submitted':
      return activity === 'planning' ? 'planning' : 'submitted';
    case 'running':
      return activity === 'finalizing' ? 'finalizing' : 'running';
    case 'waiting':
    case 'finalizing':
    case 'cancelling':
    case 'cancelled':
    case 'finished':
    case 'failed':
    case 'skipped':
      return run.phase;
    default: {
      const unknown: never = run.phase;
      return unknown;
    }
  }
}

/** The in-flight shards of a run that workers report, apart from those that are done by now. */
export function inFlightOf(
  run: string,
  workers: readonly WorkerInfo[],
  isDone: (shard: number) => boolean,
): InFlight {
  const byShard = new Map<number, WorkerInfo['tasks'][number]>();
  let workerSeconds = 0;
  const busy = new Set<string>();
  for (const { id, tasks } of workers) {
    for (const task of tasks) {
      if (task.run !== run || isDone(task.shard)) continue;
      busy.add(id);
      workerSeconds += task.workerSeconds ?? 0;
      // One of two workers that have it has lost it: it counts once, with the rows of the further one.
      const other = byShard.get(task.shard);
      if (other === undefined || rows(task) > rows(other)) byShard.set(task.shard, task);
    }
  }
  let [scored, rejected, filtered] = [0, 0, 0];
  for (const task of byShard.values()) {
    scored += task.scored;
    rejected += task.rejected;
    filtered += task.filtered;
  }
  return { shards: byShard.size, workers: busy.size, scored, rejected, filtered, workerSeconds };
}

function rows({ scored, rejected, filtered }: WorkerInfo['tasks'][number]): number {
  return scored + rejected + filtered;
}
