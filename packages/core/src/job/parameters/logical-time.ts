import type { Job } from '../job-schema.js';

/** What a scheduled run is for: a tick of its schedule, and the time since the tick before it. */
export interface LogicalTime {
  /** The tick itself. */
  readonly ts: Date;
  readonly intervalStart: Date;
  readonly intervalEnd: Date;
}

/** The time zone in which the dates of a job's runs begin and its timestamps are written. */
export function zoneOf(job: Pick<Job, 'schedule'>): string {
  return job.schedule?.timezone ?? 'UTC';
}
