import {
  applyParameters,
  type Job,
  type ParameterValues,
  resolveParameters,
} from '@shardmill/core';
import { type LoadedJob, loadJob } from './load-job.js';
import { locationFrom } from './option-values.js';
import { shellWord } from './ui/shorten-paths.js';

/** Options that all commands on a job have. */
export interface JobFlags {
  readonly param?: Readonly<Record<string, string>> | undefined;
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  readonly mode?: Job['output']['mode'] | undefined;
}

export interface PreparedJob {
  /** With the command line's overrides and with parameters filled in. */
  readonly job: Job;
  readonly jobFile: string;
  readonly params: ParameterValues;
  /** The `shardmill run` that runs the same, also on another day and from another folder. */
  readonly command: string;
}

/** @throws JOB_…, PARAMETER_… */
export async function prepareJob(
  reference: string,
  flags: JobFlags,
  cwd: string,
): Promise<PreparedJob> {
  return fillIn(await loadJob(reference, cwd), flags, cwd, new Date());
}

/** @throws PARAMETER_… */
export function fillIn(
  { job, file }: LoadedJob,
  flags: JobFlags,
  cwd: string,
  today: Date,
): PreparedJob {
  const params = resolveParameters(job, flags.param ?? {}, today);
  const overridden: Job = {
    ...job,
    input: {
      ...job.input,
      ...(flags.input === undefined ? {} : { uri: locationFrom(cwd, flags.input) }),
    },
    output: {
      ...job.output,
      ...(flags.output === undefined ? {} : { uri: locationFrom(cwd, flags.output) }),
      ...(flags.mode === undefined ? {} : { mode: flags.mode }),
    },
  };
  return {
    job: applyParameters(overridden, params),
    jobFile: file,
    params,
    command: commandOf(file, flags, params, usesParameters(overridden)),
  };
}

function usesParameters(job: Job): boolean {
  return JSON.stringify(job).includes('{{');
}

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
  for (const name of ['input', 'output', 'mode'] as const) {
    const value = flags[name];
    if (value !== undefined) words.push(`--${name}`, value);
  }
  return words.map(shellWord).join(' ');
}
