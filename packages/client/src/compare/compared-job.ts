import type { Job } from '@shardmill/core';

/**
 * The job with another output, on what is there now. That is read as one set of plain files: no
 * table, and no partitions, whose files lack the columns of those. Nothing of it is published, so that nothing is checked
 * or compared with a baseline.
 */
export function comparedJob(job: Job, uri: string): Job {
  const { waitFor: _, ...input } = job.input;
  const { table: _table, partitionBy: _partitionBy, ...output } = job.output;
  const { checks: _checks, drift: _drift, ...rest } = job;
  return { ...rest, input, output: { ...output, uri, mode: 'create' } };
}
