import type { ErrorRecord, RowCounts, RunLimits } from '@shardmill/core';

/**
 * The life of a run, as numbered objects that are created once: the process that creates number n
 * decides what happens nth, and all others read it. Number 0 is the request.
 */
export type RunEvent =
  /** The files of the input have not changed since then: what comes after need not begin anew. */
  | {
      readonly kind: 'input-unchanged';
      readonly at: string;
      readonly fingerprint: string;
      readonly since: string;
    }
  /** The input is there, or is waited for no longer and taken as it is. */
  | {
      readonly kind: 'waited';
      readonly at: string;
      /** What was still missing; empty where nothing was. */
      readonly lacks: readonly string[];
    }
  /** The input did not come in time, and the job says that such a run is skipped. */
  | { readonly kind: 'skipped'; readonly at: string; readonly error: ErrorRecord }
  /** A plan was made, and is about to be stored: from here on its digest is known. */
  | {
      readonly kind: 'planning';
      readonly at: string;
      readonly planRun: string;
      readonly planDigest: string;
    }
  /**
   * The plan is stored; `planRun` is another run where an unfinished one was adopted. A process that loads
   * the plan holds it against the digest; only logs of earlier versions have none.
   */
  | {
      readonly kind: 'planned';
      readonly at: string;
      readonly planRun: string;
      readonly planDigest?: string | undefined;
    }
  /** The plan is gone, since a later run took its place: the round plans afresh. */
  | { readonly kind: 'unplanned'; readonly at: string }
  | { readonly kind: 'cancel-asked'; readonly at: string; readonly by: string }
  | { readonly kind: 'cancelled'; readonly at: string }
  /** Every row is accounted for, and the manifest is about to be written: too late to cancel. */
  | { readonly kind: 'finalizing'; readonly at: string }
  | { readonly kind: 'finished'; readonly at: string; readonly rows: RowCounts }
  | {
      readonly kind: 'failed';
      readonly at: string;
      readonly error: ErrorRecord;
      readonly shardsFailed: number;
    }
  /** `resume` or `retry`: another round of attempts for what is missing. */
  | {
      readonly kind: 'reopened';
      readonly at: string;
      readonly by: string;
      /** Another budget of rejected rows than the job's, from now on. */
      readonly maxRejectedRows: string | number | null;
      /** Other limits than before, from now on. */
      readonly limits?: RunLimits | undefined;
    };
