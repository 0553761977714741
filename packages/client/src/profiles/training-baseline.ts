import path from 'node:path';
import { type Baseline, type Job, readBaselineReference, resolveLocation } from '@shardmill/core';
import { checkRules, type JobRules } from '@shardmill/scheduler';
import type { CompareContext } from '../compare/score-and-compare.js';
import type { RunEvents } from '../local-run/run-types.js';
import type { PreparedJob } from '../prepare-job.js';

export interface TrainingBaselineRequest extends Pick<PreparedJob, 'job' | 'jobFile' | 'params'> {
  readonly rules: JobRules;
  readonly signal: AbortSignal;
}

/**
 * The profile of the training set that a job is compared with, made now.
 * @returns undefined where the job has no baseline, or another kind of one. @throws what a run throws
 */
export async function trainingBaseline(
  { job, jobFile, params, rules, signal }: TrainingBaselineRequest,
  events: Pick<RunEvents, 'notice'>,
  context: () => Promise<CompareContext>,
): Promise<Baseline | undefined> {
  const uri = job.drift && trainingSet(job.drift.baseline, jobFile);
  if (uri === undefined) return undefined;
  const made = await context();
  await checkRules(rules, job, jobFile, made.stores);
  events.notice(`profiling ${uri}, which the run is to be compared with`);
  const { createProfile } = await import('./create-profile.js');
  const prepared = { job: overTrainingSet(job, uri), jobFile, params, command: '' };
  const silent = { planned: () => {}, progress: () => {} };
  const notice = (message: string): void => events.notice(message);
  const { profile } = await createProfile({ prepared, signal }, { ...silent, notice }, made);
  return { uri, profile };
}

function trainingSet(baseline: string, jobFile: string): string | undefined {
  const base = path.dirname(jobFile);
  const reference = readBaselineReference(baseline, (uri) => resolveLocation(uri, base));
  return reference.kind === 'training set' ? reference.location : undefined;
}

/** A training set is read as it is, whatever version of a table the job reads. */
function overTrainingSet(job: Job, uri: string): Job {
  const { version: _, timestamp: _timestamp, ...input } = job.input;
  return { ...job, input: { ...input, uri } };
}
