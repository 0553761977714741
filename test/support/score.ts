import { type JobDefinition, type Plan, Stores } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import { EngineProcess } from '@shardmill/worker';
// The command line's own parts, without its process: a test of scoring needs no start of Node.
import { loadJob } from '../../packages/cli/dist/load-job.js';
import { localRun } from '../../packages/cli/dist/local-run/local-run.js';
import type { LocalRunOptions, RunResult } from '../../packages/cli/dist/local-run/run-types.js';
import { fillIn, type JobFlags } from '../../packages/cli/dist/prepare-job.js';
import { usualJob, type Workplace } from './workplace.js';

export interface Scored extends RunResult {
  readonly plan: Plan;
}

export type ScoreOptions = Partial<
  Pick<LocalRunOptions, 'batchRows' | 'lanes' | 'engines' | 'maxRejectedRows'>
> &
  JobFlags & {
    /** One that stays open; else a new one is started. */
    readonly engine?: EngineProcess;
  };

/** Runs the usual job with these keys in place of its own, in this process and an engine. */
export async function score(
  place: Workplace,
  change: Partial<JobDefinition> = {},
  options: ScoreOptions = {},
): Promise<Scored> {
  const definition = { ...usualJob, ...change };
  const file = place.path('job.json');
  return run({ definition, job: parseJob(definition, file), file }, place.path(), options);
}

/** Runs a definition that is a file. */
export async function scoreFile(file: string, options: ScoreOptions = {}): Promise<Scored> {
  return run(await loadJob(file, '/'), '/', options);
}

async function run(
  loaded: Awaited<ReturnType<typeof loadJob>>,
  cwd: string,
  options: ScoreOptions,
): Promise<Scored> {
  let plan: Plan | undefined;
  const result = await localRun(
    {
      ...options,
      ...fillIn(loaded, options, cwd, new Date()),
      lanes: options.lanes ?? 1,
      engines: options.engines ?? 1,
      signal: new AbortController().signal,
      engine: options.engine === undefined ? EngineProcess.start() : lend(options.engine),
      stores: new Stores(),
    },
    {
      planned: (made) => {
        plan = made;
      },
      progress() {},
      notice() {},
    },
  );
  if (plan === undefined) throw new Error('there was no plan');
  return { ...result, plan };
}

/** The engine as one that a run cannot end, as a worker's engine serves one run after another. */
function lend(engine: EngineProcess): EngineProcess {
  return new Proxy(engine, {
    get(target, key) {
      if (key === 'close' || key === 'kill') return async (): Promise<void> => {};
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
