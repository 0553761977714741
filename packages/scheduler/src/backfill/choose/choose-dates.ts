import type { Job } from '@shardmill/core';
import type { BackfillDate, DueDate, Reprocess } from '../log/backfill-request.js';

/** What is known of a date before a backfill. */
export type DateFinding =
  /** Nothing is at its output, and no run of it is known. */
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'finished';
      readonly run: string;
      readonly finishedAt: string;
      readonly rows: number;
      readonly seconds: number;
    }
  /** Its last run ended otherwise, or stopped in the middle. */
  | {
      readonly kind: 'failed';
      /** Empty where it came to no run. */
      readonly run: string;
      readonly how: 'failed' | 'cancelled' | 'unfinished';
      /** With which it failed, where that is known. */
      readonly code: string | null;
      /** Whether something of it is at the output. */
      readonly atOutput: boolean;
    }
  | { readonly kind: 'under-way'; readonly what: string }
  /** What is there is not of this job alone, so that it cannot be replaced. */
  | { readonly kind: 'foreign'; readonly what: string }
  | { readonly kind: 'not-due' };

/** A date of a range, whether a backfill takes it, and why. */
export interface DateChoice {
  readonly due: DueDate;
  readonly finding: DateFinding;
  readonly why: string;
  /** What is run; undefined where the date is left out. */
  readonly taken: BackfillDate | undefined;
}

/**
 * Decides about a date. A date with results of the same job is replaced, never added to; a date
 * without any is run as the job says. Where dates are partitions of one table, one replaces its own.
 */
export function chooseDate(
  due: DueDate,
  finding: DateFinding,
  reprocess: Reprocess,
  mode: Job['output']['mode'],
): DateChoice {
  const leave = (why: string): DateChoice => ({ due, finding, why, taken: undefined });
  const take = (why: string, as: Pick<BackfillDate, 'mode' | 'replaces'>): DateChoice => ({
    due,
    finding,
    why,
    taken: { ...due, ...as },
  });
  const again = mode === 'replace-partitions' ? mode : 'overwrite';
  switch (finding.kind) {
    case 'missing':
      return take('not scored yet', { mode, replaces: null });
    case 'finished': {
      const { run } = finding;
      if (reprocess !== 'all') return leave(`scored by ${run}`);
      return take(`replaces ${run}`, { mode: again, replaces: run });
    }
    case 'failed': {
      const { run, how, code, atOutput } = finding;
      const what = `${howText(how)}${code === null ? '' : `: ${code}`}${run === '' ? '' : ` in ${run}`}`;
      if (reprocess === 'missing') return leave(`${what} (--reprocess failed)`);
      return take(what, { mode: atOutput ? again : mode, replaces: null });
    }
    case 'under-way':
      return leave(finding.what);
    case 'foreign':
      return leave(finding.what);
    case 'not-due':
      return leave('not due yet');
    default: {
      const unknown: never = finding;
      return unknown;
    }
  }
}

function howText(how: 'failed' | 'cancelled' | 'unfinished'): string {
  switch (how) {
    case 'failed':
      return 'failed';
    case 'cancelled':
      return 'cancelled';
    case 'unfinished':
      return 'stopped in the middle';
    default: {
      const unknown: never = how;
      return unknown;
    }
  }
}

export interface BackfillEstimate {
  /** Dates that were scored before, from which this is. */
  readonly from: number;
  readonly rows: number;
  /** Of wall time, with as many dates at once as may be. */
  readonly seconds: number;
}

/** What the taken dates come to if they are like those that were scored; undefined without any. */
export function estimateBackfill(
  choices: readonly DateChoice[],
  past: readonly { readonly rows: number; readonly seconds: number }[],
  maxActive: number,
): BackfillEstimate | undefined {
  const taken = choices.filter((choice) => choice.taken !== undefined);
  if (past.length === 0 || taken.length === 0) return undefined;
  const mean = (of: (one: { rows: number; seconds: number }) => number): number =>
    past.reduce((sum, one) => sum + of(one), 0) / past.length;
  const [rows, seconds] = [mean((one) => one.rows), mean((one) => one.seconds)];
  const total = taken.reduce(
    (sum, { finding }) => {
      const own = finding.kind === 'finished' ? finding : { rows, seconds };
      return { rows: sum.rows + own.rows, seconds: sum.seconds + own.seconds };
    },
    { rows: 0, seconds: 0 },
  );
  const atOnce = Math.min(maxActive, taken.length);
  return { from: past.length, rows: Math.round(total.rows), seconds: total.seconds / atOnce };
}
