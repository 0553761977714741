import type { ErrorRecord, RowCounts } from '@shardmill/core';

/**
 * What becomes of a tick, as numbered objects that are created once. The scheduler that creates number 0 has
 * decided for all schedulers whether the tick has a run.
 */
export type TickEvent =
  /** It is due, and waits until the run of an earlier tick has ended. */
  | {
      readonly kind: 'queued';
      readonly at: string;
      readonly by: string;
      readonly version: number;
      /** What the tick does to those before it, once it is there. */
      readonly overlap: 'queue' | 'replace';
      /** Whether it was missed when it was due, and is made up for. */
      readonly late: boolean;
    }
  /** It has this run: each scheduler that reads this ensures that the run exists. */
  | {
      readonly kind: 'started';
      readonly at: string;
      readonly by: string;
      /** Of the schedule: what the run does. */
      readonly version: number;
      readonly run: string;
      /** From 1; a later attempt goes on with the run of the one before it. */
      readonly attempt: number;
      /** The round of the run that belongs to the attempt. */
      readonly round: number;
      readonly late: boolean;
      /** The process that runs it, where that is not the fleet. */
      readonly local: string | null;
    }
  /** It has no run, nor has any other tick up to `through`. */
  | {
      readonly kind: 'skipped';
      readonly at: string;
      readonly by: string;
      readonly version: number;
      readonly reason: SkipReason;
      /** The last tick that this is about, an instant. */
      readonly through: string;
      /** How many that are; null where they were not counted that far. */
      readonly ticks: number | null;
    }
  /** Its run failed, and is taken up again at that time. */
  | {
      readonly kind: 'attempt-failed';
      readonly at: string;
      /** Of its run: a person may have begun one meanwhile. */
      readonly round: number;
      readonly error: ErrorRecord;
      readonly retryAt: string;
    }
  /** It had not ended by its deadline. */
  | { readonly kind: 'overdue'; readonly at: string; readonly deadline: string }
  | {
      readonly kind: 'ended';
      readonly at: string;
      readonly outcome: TickOutcome;
      readonly error: ErrorRecord | null;
      readonly rows: RowCounts | null;
    };

export type TickOutcome = 'finished' | 'failed' | 'cancelled';

export type SkipReason =
  /** An earlier tick's run was going on, and `overlap` is `skip`. */
  | 'overlap'
  /** No scheduler was there when it was due, and `catchUp` leaves it out. */
  | 'missed'
  /** A later tick took its place before it began. */
  | 'replaced'
  /** As many ticks as may wait were waiting. */
  | 'queue-full'
  /** The schedule was removed while it waited. */
  | 'removed';
