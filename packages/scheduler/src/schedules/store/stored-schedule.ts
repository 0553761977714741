import type { Job, JobSchedule, ParameterValues } from '@shardmill/core';

/** What the runs of a schedule do: a submission without its date. */
export interface ScheduledWork {
  /** With its templates: each tick fills them in. Relative locations start at the job file. */
  readonly job: ScheduledJob;
  /** Absolute; also where a transform that is code is loaded from, as with `submit`. */
  readonly jobFile: string;
  /** As they were given; the rest are defaults, and the dates of the tick. */
  readonly params: ParameterValues;
  /** 0 to 100; the greater goes first. */
  readonly priority: number;
  readonly failFast: boolean;
}

export type ScheduledJob = Job & { readonly schedule: JobSchedule };

/** A run that was asked for by a person, beside those that are due. */
export interface Trigger {
  /** The version of the schedule that asks for it: no two triggers have the same. */
  readonly number: number;
  readonly at: string;
  readonly by: string;
  /** Its logical date, an instant. */
  readonly tick: string;
  /** Instead of the job's own. */
  readonly mode: Job['output']['mode'] | null;
}

export type ScheduleChange = 'set' | 'paused' | 'resumed' | 'removed' | 'triggered';

/**
 * One version of a schedule. Each holds everything, so that the last one is all that need be read:
 * the process that creates number n has decided what the schedule is after n - 1.
 */
export interface StoredSchedule {
  readonly name: string;
  /** From 0. */
  readonly version: number;
  readonly change: ScheduleChange;
  readonly at: string;
  /** `user@host` */
  readonly by: string;
  /** Ticks after this instant count: when it was set first, or set with other times. */
  readonly since: string;
  readonly paused: boolean;
  /** The last few that were asked for; each becomes one run, however many schedulers see it. */
  readonly triggers: readonly Trigger[];
  readonly work: ScheduledWork;
}

export function isRemoved({ change }: Pick<StoredSchedule, 'change'>): boolean {
  return change === 'removed';
}
