import path from 'node:path';
import { type Job, readBaselineReference, resolveLocation } from '@shardmill/core';

export interface TrainingSet {
  readonly uri: string;
  /** The job over the training set in place of its input. */
  readonly job: Job;
}

/** The training set that a job is compared with; undefined where it has another baseline, or none. */
export function trainingSetOf(job: Job, jobFile: string): TrainingSet | undefined {
  if (job.drift === undefined) return undefined;
  const base = path.dirname(jobFile);
  const reference = readBaselineReference(job.drift.baseline, (uri) => resolveLocation(uri, base));
  if (reference.kind !== 'training set') return undefined;
  const { location: uri } = reference;
  // A training set is read as it is, whatever version of a table the job reads.
  const { version: _, timestamp: _timestamp, ...input } = job.input;
  return { uri, job: { ...job, input: { ...input, uri } } };
}
