import { type JobDefinition, type Plan, Stores } from '@shardmill/core';
import type { EngineProcess } from '@shardmill/worker';
import { run as runJob, type RunOptions, type RunResult } from 'shardmill';
// What lies under `run`, for tests whose runs share an engine.
import { fillIn, type JobFlags, loadJob } from '@shardmill/client/jobs';
import { localRun } from '@shardmill/client/local-run';
import { usualJob, type Workplace } from './workplace.js';
import { AMPLE_LIMITS } from './ample-limits.js';

export interface Scored extends RunResult {
  readonly plan: Plan;
}

export type ScoreOptions = Partial<
  Pick<RunOptions, 'batchRows' | 'lanes' | 'engines' | 'maxRejectedRows'>
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
  return run({ ...usualJob, ...change }, place.path(), options);
}

/** Runs a definition that is a file. */
export async function scoreFile(file: string, options: ScoreOptions = {}): Promise<Scored> {
  return run(file, '/', options);
}

async function run(
  job: string | JobDefinition,
  base: string,
  { engine, ...options }: ScoreOptions,
): Promise<Scored> {
  let plan: Plan | undefined;
  const onPlan = (made: Plan): void => {
    plan = made;
  };
  const usual = { ...options, lanes: options.lanes ?? 1, engines: options.engines ?? 1 };
  const result =
    engine === undefined
      ? await runJob(job, { ...usual, base, params: options.param, onPlan })
      : await runOn(engine, job, base, { ...usual, onPlan });
  if (plan === undefined) throw new Error('there was no plan');
  return { ...result, plan };
}

/** The same on an engine that stays open. */
async function runOn(
  engine: EngineProcess,
  job: string | JobDefinition,
  base: string,
  options: ScoreOptions & { readonly onPlan: (plan: Plan) => void },
): Promise<RunResult> {
  return localRun(
    {
      ...options,
      ...fillIn(await loadJob(job, base), options, base, new Date()),
      signal: new AbortController().signal,
      engine: lend(engine),
      stores: new Stores(),
      limits: AMPLE_LIMITS,
    },
    { planned: options.onPlan, progress() {}, notice() {} },
  );
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
