import type { Baseline } from '@shardmill/core';
import { checkRules, type JobRules } from '@shardmill/scheduler';
import type { CompareContext } from '../compare/score-and-compare.js';
import type { RunEvents } from '../local-run/run-types.js';
import type { PreparedJob } from '../prepare-job.js';
import { trainingSetOf } from './training-set.js';

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
  const set = trainingSetOf(job, jobFile);
  if (set === undefined) return undefined;
  const { uri } = set;
  const made = await context();
  await checkRules(rules, job, jobFile, made.stores);
  events.notice(`profiling ${uri}, which the run is to be compared with`);
  const { createProfile } = await import('./create-profile.js');
  const prepared = { job: set.job, jobFile, params, command: '' };
  const silent = { planned: () => {}, progress: () => {} };
  const notice = (message: string): void => events.notice(message);
  const { profile } = await createProfile({ prepared, signal }, { ...silent, notice }, made);
  return { uri, profile };
}
