import { jobAtTime, type LogicalTime, type TimedJob } from '@shardmill/core';
import type { RunRequest } from '../../state/run-request.js';
import { runKeyOfDate } from './backfill-layout.js';
import type { BackfillDate, BackfillRequest, DueDate } from './backfill-request.js';

/** The job as one date has it. @throws PARAMETER_…, TEMPLATE_INVALID, URI_UNSUPPORTED */
export function jobOfDate(work: TimedJob, due: DueDate): ReturnType<typeof jobAtTime> {
  return jobAtTime(work, logicalTimeOf(due));
}

/** The request of a date's run: the same from every process that makes it, but for its id and time. */
export function requestOfDate(
  backfill: BackfillRequest,
  date: BackfillDate,
  { run, now }: { readonly run: string; readonly now: Date },
): RunRequest {
  const { job, params } = jobOfDate(backfill, date);
  return {
    run,
    submittedAt: now.toISOString(),
    key: runKeyOfDate(backfill.id, date.ts),
    job: { ...job, output: { ...job.output, mode: date.mode } },
    jobFile: backfill.jobFile,
    params,
    priority: backfill.priority,
    failFast: backfill.failFast,
    submittedBy: backfill.submittedBy,
  };
}

function logicalTimeOf({ ts, start, end }: DueDate): LogicalTime {
  return { ts: new Date(ts), intervalStart: new Date(start), intervalEnd: new Date(end) };
}
