import type { Plan } from '@shardmill/core';
import type { OutputCheck } from '../check-output.js';
import type { RunEstimate } from '../estimate/estimate-run.js';
import type { JobFlags } from '../prepare-job.js';
import { type JobOptions, type JobSource, prepareSource, type SourcedJob } from './job-source.js';
import type { Services } from '../services.js';
import { withServices } from './with-services.js';

type TrialOptions = Pick<JobFlags, 'limit' | 'sample'>;

/** A plan, and what a run of it would find at its output location: `shardmill plan --json`. */
export type JobPlan = Plan & {
  readonly outputLocation: OutputCheck;
  /** What it will take and cost on this machine; null without a past run of this job and model there. */
  readonly estimate: RunEstimate | null;
};

/** What `validate` found; a fault is thrown. */
export interface Validation {
  readonly valid: true;
  /** The job's name. */
  readonly job: string;
  /** The definition's file. */
  readonly file: string;
  /** Warnings, each a sentence. */
  readonly notices: readonly string[];
  readonly outputLocation: OutputCheck;
}

/** What a run would read, score and write; nothing is written. @throws ShardmillError */
export async function plan(
  source: JobSource,
  options: JobOptions & TrialOptions = {},
): Promise<JobPlan> {
  return withServices(options, async (services) => {
    const { prepared, plan: made, outputLocation } = await planned(source, options, services);
    const estimate = await services.estimateHere(made, prepared.job.resources.pool);
    return { ...made, outputLocation, estimate };
  });
}

/**
 * Checks everything that can be checked before a run: definition, parameters, input, model, features
 * and output expressions. @throws ShardmillError for the first fault
 */
export async function validate(
  source: JobSource,
  options: JobOptions & TrialOptions = {},
): Promise<Validation> {
  return withServices(options, async (services) => {
    const { prepared, plan: made, outputLocation } = await planned(source, options, services);
    const { job, jobFile: file } = prepared;
    return { valid: true, job: job.name, file, notices: made.notices, outputLocation };
  });
}

async function planned(
  source: JobSource,
  options: JobOptions & TrialOptions,
  services: Pick<Services, 'warmUp' | 'planJob' | 'checkOutput'>,
): Promise<{
  readonly prepared: SourcedJob;
  readonly plan: Plan;
  readonly outputLocation: OutputCheck;
}> {
  services.warmUp();
  const prepared = await prepareSource(source, options);
  const { plan: made } = await services.planJob(prepared);
  return { prepared, plan: made, outputLocation: await services.checkOutput(made) };
}
