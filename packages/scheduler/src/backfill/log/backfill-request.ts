import type { Job, ParameterValues } from '@shardmill/core';

/** An instant that a run can be for. */
export interface DueDate {
  /** `{{ ts }}` */
  readonly ts: string;
  /** The interval that it accounts for. */
  readonly start: string;
  readonly end: string;
}

/** One run that a backfill asks for. */
export interface BackfillDate extends DueDate {
  /** `overwrite` where something of the same job is there that is to be replaced. */
  readonly mode: Job['output']['mode'];
  /** The finished run that is replaced; null where none is there. */
  readonly replaces: string | null;
}

/** Which dates are taken of those that were scored, or tried, before. */
export type Reprocess = 'missing' | 'failed' | 'all';

/** What was asked for: written once, and never changed. */
export interface BackfillRequest {
  /** `20261122T050000Z-3f9a1c20` */
  readonly id: string;
  readonly submittedAt: string;
  /** `user@host` */
  readonly submittedBy: string;
  /** With its templates: each date fills them in. Relative locations start at the job file. */
  readonly job: Job;
  /** Absolute; also where a transform that is code is loaded from. */
  readonly jobFile: string;
  /** As they were given; the rest are defaults and the date. */
  readonly params: ParameterValues;
  /** 0 to 100; the greater goes first. */
  readonly priority: number;
  /** Whether a run ends at its first shard that fails for good. */
  readonly failFast: boolean;
  /** `local` is run by the command that began it, and by no scheduler. */
  readonly place: 'fleet' | 'local';
  /** As it was asked for, for people. */
  readonly range: {
    readonly from: string;
    readonly to: string;
    /** `day`, or the cron expression of the job. */
    readonly every: string;
    readonly reprocess: Reprocess;
  };
  /** Runs that are under way at once, at most. */
  readonly maxActive: number;
  /** In the order in which they are begun. */
  readonly dates: readonly BackfillDate[];
}
