import { type JobDefinition, type Plan, Stores } from '@shardmill/core';
import type { ModelRegistry } from '@shardmill/scheduler';
import { EngineProcess } from '@shardmill/worker';
import type { RunOptions, RunResult } from 'shardmill';
// What lies under `run` of the API: runs share an engine, as those of a worker do.
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
    /** One that stays open; the one that all files share where it is left out. */
    readonly engine?: EngineProcess;
    /** For jobs that name a model of the registry. */
    readonly models?: ModelRegistry;
    readonly onNotice?: (message: string) => void;
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
  const result = await runOn(engine ?? (await sharedEngine()), job, base, { ...usual, onPlan });
  if (plan === undefined) throw new Error('there was no plan');
  return { ...result, plan };
}

let shared: { readonly engine: EngineProcess; readonly environment: string } | undefined;

/**
 * One engine for the runs of all test files of this process, with which it ends; a new one where that died, or the
 * environment differs.
 */
async function sharedEngine(): Promise<EngineProcess> {
  // The run reads this one, not the engine.
  const { SHARDMILL_SINGLE_PASS: _, ...rest } = process.env;
  const environment = JSON.stringify(rest);
  if (shared?.engine.alive !== true || shared.environment !== environment) {
    await shared?.engine.close();
    shared = { engine: EngineProcess.start(), environment };
  }
  return shared.engine;
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
    { planned: options.onPlan, progress() {}, notice: options.onNotice ?? (() => {}) },
  );
}

/** The engine as one that a run cannot end, as a worker's engine serves one run after another. */
export function lend(engine: EngineProcess): EngineProcess {
  return new Proxy(engine, {
    get(target, key) {
      if (key === 'close' || key === 'kill') return async (): Promise<void> => {};
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
