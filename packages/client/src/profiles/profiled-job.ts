import type { Job } from '@shardmill/core';
import { comparedJob } from '../compare/compared-job.js';

/**
 * The job with a profile of all its features, unless it names some, and of all rows. Columns that are only handed on
 * have none, and a training set need not have them.
 */
export function profiledJob(job: Job, uri: string): Job {
  const { output, challengers: _, ...compared } = comparedJob(job, uri);
  const isComputing = Object.keys(output.columns).length > 0;
  const features = job.profile?.features ?? false;
  return {
    ...compared,
    output: { ...output, ...(isComputing && { passThrough: [] }) },
    profile: { features: features === false ? true : features, rows: 'all' },
  };
}
