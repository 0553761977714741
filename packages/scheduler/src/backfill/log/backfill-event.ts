import type { ErrorRecord, RowCounts } from '@shardmill/core';

/**
 * The life of a backfill, as numbered objects that are created once, like that of a run. Number 0
 * is the request. How its dates stand is not here but in their outcomes.
 */
export type BackfillEvent =
  | { readonly kind: 'cancel-asked'; readonly at: string; readonly by: string }
  /** Every date has its outcome, or it was cancelled and none of its runs is under way. */
  | {
      readonly kind: 'ended';
      readonly at: string;
      readonly outcome: 'finished' | 'failed' | 'cancelled';
    }
  /** `backfill resume`: dates that did not finish are begun again. */
  | { readonly kind: 'reopened'; readonly at: string; readonly by: string };

/** `skipped`: its input did not come in time, and the job says that such a run is skipped. */
export type DateOutcomeKind = 'finished' | 'failed' | 'cancelled' | 'skipped';

/** How a date ended in one round of its backfill. */
export interface DateOutcome {
  readonly outcome: DateOutcomeKind;
  readonly at: string;
  readonly run: string;
  /** Of the run; another round of it is another attempt. */
  readonly runRound: number;
  readonly rows: RowCounts | null;
  /** From the run's begin to its end. */
  readonly seconds: number | null;
  readonly error: ErrorRecord | null;
}
