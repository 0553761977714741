import type { Plan } from '@shardmill/core';
import type { OutputCheck } from '../check-output.js';
import type { JobFlags } from '../prepare-job.js';
import { type JobOptions, type JobSource, prepareSource, type SourcedJob } from './job-source.js';
import { withServices } from './with-services.js';

type TrialOptions = Pick<JobFlags, 'limit' | 'sample'>;

/** A plan, and what a run of it would find at its output location: `shardmill plan --json`. */
export type JobPlan = Plan & { readonly outputLocation: OutputCheck };

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
  return (await planned(source, options)).plan;
}

/**
 * Checks everything that can be checked before a run: definition, parameters, input, model, features
 * and output expressions. @throws ShardmillError for the first fault
 */
export async function validate(
  source: JobSource,
  options: JobOptions & TrialOptions = {},
): Promise<Validation> {
  const { prepared, plan: made } = await planned(source, options);
  const { notices, outputLocation } = made;
  const { job, jobFile: file } = prepared;
  return { valid: true, job: job.name, file, notices, outputLocation };
}

async function planned(
  source: JobSource,
  options: JobOptions & TrialOptions,
): Promise<{ readonly prepared: SourcedJob; readonly plan: JobPlan }> {
  return withServices(options, async (services) => {
    services.warmUp();
    const prepared = await prepareSource(source, options);
    const { plan: made } = await services.planJob(prepared);
    const outputLocation = await services.checkOutput(made);
    return { prepared, plan: { ...made, outputLocation } };
  });
}
