import type { ErrorRecord, RowCounts } from '@shardmill/core';
import type { TickRecord } from '../ticks/fold-tick.js';
import type { StoredSchedule } from '../store/stored-schedule.js';
import type { TickOutcome } from '../ticks/tick-event.js';

/** How the run of a tick stands. */
export type RunStanding =
  | { readonly kind: 'going-on' }
  /** The process that ran it is gone: this one is to run it. */
  | { readonly kind: 'abandoned' }
  | {
      readonly kind: 'ended';
      readonly outcome: TickOutcome;
      readonly error: ErrorRecord | null;
      readonly rows: RowCounts | null;
      /** The round of the run that ended. */
      readonly round: number;
    };

/** Where the runs of ticks are: in a fleet, or in this process. */
export interface TickRuns {
  /** The process that runs them, where that is not the fleet: what `started` events say. */
  readonly local: string | null;

  /** The id of a run to come. */
  newRun(now: Date): string;

  /**
   * Sees to it that the run of a tick exists and that its attempt has begun, and says how it stands.
   * It is called again and again, also for ticks that another process started and left.
   * @param definition reads what the run does.
   * @throws PARAMETER_…, TEMPLATE_INVALID and others where there cannot be such a run; STORE_…
   */
  follow(tick: TickRecord, definition: () => Promise<StoredSchedule>): Promise<RunStanding>;

  /** Asks for the run of a tick to be stopped; it may end otherwise. */
  cancel(tick: TickRecord): Promise<void>;

  /** What is kept of the run is not needed any more. */
  forget(tick: TickRecord): void;
}
