import {
  applyParameters,
  type Job,
  type LogicalTime,
  type ParameterValues,
  resolveParameters,
  withAbsoluteLocations,
} from '@shardmill/core';
import type { RunRequest } from '../../state/run-request.js';
import { runKeyOfDate } from './backfill-layout.js';
import type { BackfillDate, BackfillRequest, DueDate } from './backfill-request.js';

/**
 * A job as one date has it: with its templates filled in and every location absolute.
 * @throws TEMPLATE_INVALID, PARAMETER_…, URI_UNSUPPORTED
 */
export function jobOfDate(
  { job, jobFile, params }: Pick<BackfillRequest, 'job' | 'jobFile' | 'params'>,
  due: DueDate,
): { readonly job: Job; readonly params: ParameterValues } {
  const time = logicalTimeOf(due);
  const values = resolveParameters(job, params, time.ts, time);
  return { job: withAbsoluteLocations(applyParameters(job, values), jobFile), params: values };
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
