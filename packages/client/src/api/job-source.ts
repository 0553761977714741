import path from 'node:path';
import { type ConfigDefinition, type JobDefinition, ShardmillError } from '@shardmill/core';
import type { JobFlags, PreparedJob } from '../prepare-job.js';

/** The name of a job in the jobs folder, the path of a definition or its folder, or a definition. */
export type JobSource = string | JobDefinition;

/** What all calls on a job take. */
export interface JobOptions {
  /**
   * Where relative paths start: those given here and, of a job that is an object, those in it. A job
   * that is a file has its own folder for what is in it. The working directory where left out.
   */
  readonly base?: string | undefined;
  /** Values of the job's parameters. */
  readonly params?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Read from here instead. */
  readonly input?: string | undefined;
  /** Write to here instead. */
  readonly output?: string | undefined;
  /** What to do with results that are there, instead of what the job says. */
  readonly mode?: JobFlags['mode'];
  /** A run that takes longer is stopped, instead of what the job says: `2h`. */
  readonly maxDuration?: string | undefined;
  /** A run that costs more is stopped, instead of what the job says. */
  readonly maxCost?: number | undefined;
  /** Settings that go before those of the environment and of `shardmill.config.*`. */
  readonly config?: ConfigDefinition | undefined;
}

/** A job with its parameters filled in; `command` is undefined where no command would do the same. */
export type SourcedJob = Omit<PreparedJob, 'command'> & { readonly command: string | undefined };

/** @throws JOB_…, PARAMETER_…, USAGE */
export async function prepareSource(
  source: JobSource,
  options: JobOptions & Pick<JobFlags, 'limit' | 'sample'>,
): Promise<SourcedJob> {
  const base = path.resolve(options.base ?? '.');
  const { params = {}, input, output, mode, maxDuration, maxCost, limit, sample } = options;
  const param = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, String(value)]),
  );
  const flags: JobFlags = { param, input, output, mode, maxDuration, maxCost, limit, sample };
  const [{ loadJob }, { fillIn }] = await Promise.all([
    import('../load-job.js'),
    import('../prepare-job.js'),
  ]);
  const loaded = await loadJob(source, base);
  const prepared = fillIn(loaded, flags, base, new Date());
  if (typeof source === 'string') return prepared;
  if (loaded.job.transform?.apply !== undefined) throw functionInObject(loaded.file);
  return { ...prepared, command: undefined };
}

/** The engine is another process: it imports the function from a file. */
function functionInObject(where: string): ShardmillError {
  return new ShardmillError('JOB_INVALID', 'transform.apply is a function of this program', {
    where,
    remedy: 'Put it into a module and name that as transform.module, or give the path of a job.ts.',
  });
}
