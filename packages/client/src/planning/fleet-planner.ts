import type { Baseline, StorageOptions, Stores } from '@shardmill/core';
import {
  type InputFacts,
  isCheapCheck,
  type JobRules,
  checkInput,
  type MadePlan,
  type PinnedReleases,
  type RunRequest,
} from '@shardmill/scheduler';
import {
  EngineProcess,
  type EngineStart,
  limitPlanning,
  type PlanningLimits,
} from '@shardmill/worker';
import { PlannerProcess } from './planner-process.js';

export { profileQueries } from './profile-queries.js';
export { tableCheckpoints } from './table-checkpoints.js';

export interface FleetPlannerOptions {
  readonly storage: StorageOptions;
  readonly engine: EngineStart;
  readonly limits: PlanningLimits;
  /** What the configuration demands of jobs. */
  readonly rules: JobRules;
}

/** The baseline of a run, where it has to be made for it; see `fleetBaselines`. */
export type BaselineSource = (
  request: RunRequest,
  signal: AbortSignal,
  releases: PinnedReleases,
) => Promise<Baseline | undefined>;

/** Plans submitted runs, with what they are compared with. */
export function fleetPlanner(
  options: FleetPlannerOptions,
  baselineOf: BaselineSource = async () => undefined,
): (request: RunRequest, signal: AbortSignal, releases: PinnedReleases) => Promise<MadePlan> {
  return async (request, signal, releases) => {
    const baseline = await baselineOf(request, signal, releases);
    const { job, jobFile, params, run: runId } = request;
    return planApart(options, { job, jobFile, params, runId, baseline, ...releases }, signal);
  };
}

export type PlanOrder = Parameters<PlannerProcess['plan']>[1];

/**
 * Makes a plan in two processes of its own: one lists the input and reads footers, the other is an engine. Nothing
 * that a submitter names is read in the scheduler's own process.
 */
export async function planApart(
  { storage, engine, limits, rules }: FleetPlannerOptions,
  request: Omit<PlanOrder, 'rules' | 'now'>,
  signal: AbortSignal,
): Promise<MadePlan> {
  const binder = EngineProcess.start({ ...engine, storage });
  const planner = new PlannerProcess(engine.environment ?? []);
  try {
    const order = { ...request, rules, now: new Date() };
    return await limitPlanning(limits, [binder, planner], signal, () =>
      planner.plan(storage, order, binder),
    );
  } finally {
    await Promise.all([binder.close(), planner.close()]);
  }
}

/**
 * Checks the input of runs that wait for it, under the limits of planning: in a process of its own
 * where folders are listed, and here where only a marker is awaited.
 */
export function fleetInputChecker(
  { storage, engine, limits, rules }: FleetPlannerOptions,
  stores: Stores,
): (request: RunRequest, signal: AbortSignal) => Promise<InputFacts> {
  return async (request, signal) => {
    const { job, jobFile } = request;
    if (isCheapCheck(job)) return checkInput({ job, jobFile, stores, rules, signal });
    const checker = new PlannerProcess(engine.environment ?? []);
    try {
      return await limitPlanning(limits, [checker], signal, () =>
        checker.checkInput(storage, { job, jobFile, rules }),
      );
    } finally {
      await checker.close();
    }
  };
}
