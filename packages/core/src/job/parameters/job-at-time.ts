import { applyParameters } from './apply-parameters.js';
import type { Job } from '../job-schema.js';
import type { LogicalTime } from './logical-time.js';
import { type ParameterValues, resolveParameters } from './parameters.js';
import { withAbsoluteLocations } from '../absolute-locations.js';

/** A job whose templates wait for their time, as schedules and backfills store it. */
export interface TimedJob {
  readonly job: Job;
  readonly jobFile: string;
  /** Values that were given; those of the time come to them. */
  readonly params: ParameterValues;
}

/**
 * A job as one logical time has it: with its templates filled in and every location absolute.
 * @throws PARAMETER_…, TEMPLATE_INVALID, URI_UNSUPPORTED
 */
export function jobAtTime(
  { job, jobFile, params }: TimedJob,
  time: LogicalTime,
): Pick<TimedJob, 'job' | 'params'> {
  const values = resolveParameters(job, params, time.ts, time);
  return { job: withAbsoluteLocations(applyParameters(job, values), jobFile), params: values };
}
