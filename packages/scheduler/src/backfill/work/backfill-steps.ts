import { mapConcurrent, newRunId, ShardmillError } from '@shardmill/core';
import { hasEnded, type RegisteredRun } from '../../state/fold-run.js';
import type { RunRegistry } from '../../state/run-registry.js';
import type { DateOutcome } from '../log/backfill-event.js';
import { type OutcomeName, runKeyOfDate, stampOf } from '../log/backfill-layout.js';
import type { BackfillRegistry } from '../log/backfill-registry.js';
import { requestOfDate } from '../log/date-request.js';
import { activeDates, type DateState, dateStates, endOf } from '../log/date-states.js';
import { hasEndedBackfill, type RegisteredBackfill } from '../log/fold-backfill.js';

export interface BackfillContext {
  readonly backfills: BackfillRegistry;
  readonly runs: RunRegistry;
  readonly now: () => Date;
  /** Is called with each run that was begun, taken up again or cancelled. */
  readonly announce: (run: string) => void;
}

const AT_ONCE = 8;

/**
 * One backfill as a scheduler sees it. Each step does what is to be done by then: begins runs, notes
 * how dates ended, cancels. All that it does is decided by conditional creates in the state location,
 * so that any number of schedulers may do it at once, and each may be killed at any instant.
 */
export class BackfillSteps {
  #backfill: RegisteredBackfill;
  /** Those of other schedulers are found by the runs themselves: listing once a round is enough. */
  #outcomes: OutcomeName[] | undefined;
  readonly #runs = new Map<string, RegisteredRun>();

  constructor(
    backfill: RegisteredBackfill,
    readonly context: BackfillContext,
  ) {
    this.#backfill = backfill;
  }

  get backfill(): RegisteredBackfill {
    return this.#backfill;
  }

  /** @returns whether the backfill has come to its end. @throws STORE_…, PLAN_MISMATCH */
  async step(): Promise<'goes-on' | 'over'> {
    const { backfills, now } = this.context;
    await this.#refresh();
    const { phase, request, round } = this.#backfill;
    if (phase !== 'running' && phase !== 'cancelling') {
      await backfills.clearMarkers(this.#backfill);
      return 'over';
    }
    this.#outcomes ??= await backfills.outcomes(request.id);
    const states = dateStates(request.dates, this.#outcomes, round);
    const active = activeDates(states, request.maxActive);
    const ended = await mapConcurrent(active, AT_ONCE, (state) => this.#work(state));
    const after = dateStates(request.dates, this.#outcomes, round);
    // As dates end, others come into the window: they are begun in the next step.
    const underWay = ended.filter((one) => one === 'under-way').length;
    const outcome = endOf(phase, after, underWay);
    if (outcome === undefined) return 'goes-on';
    this.#backfill = await backfills.end(this.#backfill, outcome, now());
    return hasEndedBackfill(this.#backfill) ? 'over' : 'goes-on';
  }

  /** Whether dates ended in the last step, so that others can be begun at once. */
  get hasOpenDates(): boolean {
    const { request, round, phase } = this.#backfill;
    if (phase !== 'running') return false;
    const states = dateStates(request.dates, this.#outcomes ?? [], round);
    return activeDates(states, request.maxActive).some(
      ({ date }) => !this.#runs.has(stampOf(date.ts)),
    );
  }

  async #refresh(): Promise<void> {
    const { round } = this.#backfill;
    this.#backfill = await this.context.backfills.refresh(this.#backfill);
    if (this.#backfill.round !== round) this.#outcomes = undefined;
  }

  async #work(state: DateState): Promise<'under-way' | 'idle'> {
    const { date } = state;
    const stamp = stampOf(date.ts);
    const run = await this.#find(stamp, date.ts);
    if (run === undefined) {
      if (this.#backfill.phase === 'cancelling') return 'idle';
      return this.#begin(state);
    }
    this.#runs.set(stamp, run);
    if (!hasEnded(run)) {
      if (this.#backfill.phase === 'cancelling') await this.#cancel(run);
      return 'under-way';
    }
    if (await this.#isOfEarlierRound(state, run)) {
      if (this.#backfill.phase === 'cancelling') return 'idle';
      await this.#takeUp(run);
      return 'under-way';
    }
    await this.#note(date.ts, run);
    return 'idle';
  }

  async #find(stamp: string, ts: string): Promise<RegisteredRun | undefined> {
    const { runs } = this.context;
    const known = this.#runs.get(stamp);
    return known === undefined
      ? runs.runOfKey(runKeyOfDate(this.#backfill.request.id, ts))
      : runs.refresh(known);
  }

  async #begin({ date }: DateState): Promise<'under-way'> {
    const { runs, now, announce, backfills } = this.context;
    const at = now();
    const request = requestOfDate(this.#backfill.request, date, { run: newRunId(at), now: at });
    const { run } = await runs.submit(request);
    announce(run);
    // It may have been cancelled since the log was read: no other process may know of this run then.
    const { phase } = await backfills.refresh(this.#backfill);
    const begun = await runs.find(run);
    if (begun !== undefined) {
      this.#runs.set(stampOf(date.ts), begun);
      if (phase !== 'running' && !hasEnded(begun)) await this.#cancel(begun);
    }
    return 'under-way';
  }

  /** Whether its end is that of an earlier round of the backfill, in which it was noted. */
  async #isOfEarlierRound({ date, earlier }: DateState, run: RegisteredRun): Promise<boolean> {
    if (run.phase === 'finished') return false;
    if (earlier === undefined) return this.#wasCancelledBefore(run);
    const { backfills } = this.context;
    const noted = await backfills.outcome(this.#backfill.request.id, date.ts, earlier);
    return noted.run === run.request.run && noted.runRound === run.round;
  }

  /** A run that was begun as the backfill was being cancelled has no outcome. */
  #wasCancelledBefore({ phase, endedAt }: RegisteredRun): boolean {
    const reopened = this.#backfill.events.findLast((event) => event.kind === 'reopened');
    return reopened !== undefined && phase === 'cancelled' && (endedAt ?? '') < reopened.at;
  }

  async #takeUp({ request: { run } }: RegisteredRun): Promise<void> {
    const { runs, now, announce } = this.context;
    const by = this.#backfill.request.submittedBy;
    try {
      await runs.reopen(run, { by, now: now(), of: 'failed-or-cancelled' });
    } catch (error) {
      // Another scheduler was first.
      if (!isCode(error, 'RUN_STATE')) throw error;
    }
    announce(run);
  }

  async #cancel({ request: { run } }: RegisteredRun): Promise<void> {
    const { runs, now, announce } = this.context;
    try {
      await runs.cancel(run, this.#backfill.request.submittedBy, now());
    } catch (error) {
      // It has ended, or all of its shards are done: then it is waited for.
      if (!isCode(error, 'RUN_STATE')) throw error;
    }
    announce(run);
  }

  async #note(ts: string, run: RegisteredRun): Promise<void> {
    const { request, round } = this.#backfill;
    const outcome = outcomeOf(run);
    await this.context.backfills.noteOutcome(request.id, ts, round, outcome);
    this.#outcomes?.push({ stamp: stampOf(ts), round, outcome: outcome.outcome });
    this.#runs.delete(stampOf(ts));
  }
}

/** What is noted of a run that has ended. */
function outcomeOf(run: RegisteredRun): DateOutcome {
  const { phase, endedAt, request, round, events, error } = run;
  const outcome = outcomeOfPhase(phase);
  if (outcome === undefined) {
    throw new RangeError(`run ${request.run} has not ended: it is ${phase}`);
  }
  const finished = events.findLast((event) => event.kind === 'finished');
  const planned = events.findLast((event) => event.kind === 'planned');
  const at = endedAt ?? request.submittedAt;
  return {
    outcome,
    at,
    run: request.run,
    runRound: round,
    rows: finished?.rows ?? null,
    seconds: planned === undefined ? null : (Date.parse(at) - Date.parse(planned.at)) / 1000,
    error,
  };
}

function outcomeOfPhase(phase: RegisteredRun['phase']): DateOutcome['outcome'] | undefined {
  switch (phase) {
    case 'finished':
    case 'failed':
    case 'cancelled':
    case 'skipped':
      return phase;
    case 'waiting':
    case 'submitted':
    case 'running':
    case 'finalizing':
    case 'cancelling':
      return undefined;
    default: {
      const unknown: never = phase;
      return unknown;
    }
  }
}

function isCode(error: unknown, code: ShardmillError['code']): boolean {
  return error instanceof ShardmillError && error.code === code;
}
