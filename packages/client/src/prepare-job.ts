import path from 'node:path';
import {
  applyParameters,
  COST_MESSAGE,
  durationMessage,
  isCost,
  isDuration,
  type Job,
  type LogicalTime,
  MIN_MAX_DURATION,
  type ParameterValues,
  resolveParameters,
  type RunLimits,
  shellWord,
  ShardmillError,
  whyNotMode,
} from '@shardmill/core';
import type { RowSelection } from '@shardmill/scheduler';
import { type LoadedJob, loadJob } from './load-job.js';

/** Options that all commands on a job have. */
export interface JobFlags {
  readonly param?: Readonly<Record<string, string>> | undefined;
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  readonly mode?: Job['output']['mode'] | undefined;
  /** Instead of `limits` of the job: `2h`. */
  readonly maxDuration?: string | undefined;
  readonly maxCost?: number | undefined;
  /** Scores the first rows only. */
  readonly limit?: number | undefined;
  /** Scores some rows from all over the input. */
  readonly sample?: number | undefined;
}

export interface PreparedJob {
  /** With the command line's overrides and with parameters filled in. */
  readonly job: Job;
  readonly jobFile: string;
  readonly params: ParameterValues;
  /** The `shardmill run` that runs the same, also on another day and from another folder. */
  readonly command: string;
  /** Which rows a trial run takes; all where left out. */
  readonly selection?: RowSelection | undefined;
}

/** @throws JOB_…, PARAMETER_… */
export async function prepareJob(
  reference: string,
  flags: JobFlags,
  cwd: string,
): Promise<PreparedJob> {
  return fillIn(await loadJob(reference, cwd), flags, cwd, new Date());
}

/** @param time the tick of a schedule that it is filled in for. @throws PARAMETER_…, TEMPLATE_INVALID */
export function fillIn(
  { job, file }: LoadedJob,
  flags: JobFlags,
  cwd: string,
  today: Date,
  time?: LogicalTime,
): PreparedJob {
  const params = resolveParameters(job, flags.param ?? {}, today, time);
  const selection = selectionOf(flags);
  const trial = selection === undefined ? {} : trialOutput(job.output.uri);
  const overridden = overrideJob({ ...job, output: { ...job.output, ...trial } }, flags, cwd);
  return {
    job: applyParameters(overridden, params),
    jobFile: file,
    params,
    command: commandOf(file, flags, params, usesParameters(overridden)),
    selection,
  };
}

/**
 * The job with what was given instead of what it says; its templates are not filled in.
 * @throws USAGE for a mode that the job's output cannot have
 */
export function overrideJob(
  job: Job,
  flags: Pick<JobFlags, 'input' | 'output' | 'mode' | 'maxDuration' | 'maxCost'>,
  cwd: string,
): Job {
  const limits = limitsOf(flags);
  const mode = flags.mode ?? job.output.mode;
  const fault = whyNotMode({ ...job.output, mode });
  if (fault !== undefined) throw new ShardmillError('USAGE', `mode: ${fault}`);
  return {
    ...job,
    ...(limits === undefined ? {} : { limits: { ...job.limits, ...limits } }),
    input: {
      ...job.input,
      ...(flags.input === undefined ? {} : { uri: locationFrom(cwd, flags.input) }),
    },
    output: {
      ...job.output,
      ...(flags.output === undefined ? {} : { uri: locationFrom(cwd, flags.output) }),
      mode,
    },
  };
}

/**
 * Limits that were given beside a job, or for a resumed run; undefined where none were.
 * @throws USAGE for one that is no limit
 */
export function limitsOf({
  maxDuration,
  maxCost,
}: Pick<JobFlags, 'maxDuration' | 'maxCost'>): RunLimits | undefined {
  if (maxDuration !== undefined && !isDuration(maxDuration, MIN_MAX_DURATION)) {
    const message = `maxDuration: ${durationMessage(MIN_MAX_DURATION)}; found ${JSON.stringify(maxDuration)}`;
    throw new ShardmillError('USAGE', message, { remedy: 'Give a time such as 2h or 90m.' });
  }
  if (maxCost !== undefined && !isCost(maxCost)) {
    const message = `maxCost: ${COST_MESSAGE}; found ${JSON.stringify(maxCost)}`;
    throw new ShardmillError('USAGE', message, { remedy: 'Give an amount such as 12.5.' });
  }
  if (maxDuration === undefined && maxCost === undefined) return undefined;
  return {
    ...(maxDuration !== undefined && { maxDuration }),
    ...(maxCost !== undefined && { maxCost }),
  };
}

/** @throws USAGE for both options at once */
function selectionOf({ limit, sample }: JobFlags): RowSelection | undefined {
  if (limit !== undefined && sample !== undefined) {
    throw new ShardmillError('USAGE', '--limit and --sample were both given', {
      remedy: 'Give one of them: the first rows, or rows from all over the input.',
    });
  }
  if (limit !== undefined) return { kind: 'limit', rows: limit };
  return sample === undefined ? undefined : { kind: 'sample', rows: sample };
}

/** Beside the output of whole runs, so that a trial never replaces it; the last trial is replaced. */
function trialOutput(uri: string): Pick<Job['output'], 'uri' | 'mode'> {
  return { uri: `${uri.replace(/\/+$/, '')}_sample`, mode: 'overwrite' };
}

/** A location given beside the job starts at the working directory, not at the job file. */
export function locationFrom(cwd: string, uri: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(uri) ? uri : path.resolve(cwd, uri);
}

function usesParameters(job: Job): boolean {
  return JSON.stringify(job).includes('{{');
}

/** Options of a command that those who go on with its run give, too. */
const REPEATED_OPTIONS = [
  ['input', '--input'],
  ['output', '--output'],
  ['mode', '--mode'],
  ['limit', '--limit'],
  ['sample', '--sample'],
  ['maxDuration', '--max-duration'],
  ['maxCost', '--max-cost'],
] as const;

function commandOf(
  file: string,
  flags: JobFlags,
  params: ParameterValues,
  withParameters: boolean,
): string {
  const given = withParameters
    ? Object.entries(params).filter(([name]) => name !== 'ds_nodash')
    : Object.entries(flags.param ?? {});
  const words = [
    'shardmill',
    'run',
    file,
    ...given.flatMap(([name, value]) => ['--param', `${name}=${value}`]),
  ];
  for (const [name, option] of REPEATED_OPTIONS) {
    const value = flags[name];
    if (value !== undefined) words.push(option, String(value));
  }
  return words.map(shellWord).join(' ');
}
