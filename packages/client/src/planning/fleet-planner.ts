import type { StorageOptions, Stores } from '@shardmill/core';
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

/**
 * Plans submitted runs, each in two processes of its own: one lists the input and reads footers,
 * the other is an engine. Nothing that a submitter names is read in the scheduler's own process.
 */
export function fleetPlanner({
  storage,
  engine,
  limits,
  rules,
}: FleetPlannerOptions): (
  request: RunRequest,
  signal: AbortSignal,
  releases: PinnedReleases,
) => Promise<MadePlan> {
  return async (request, signal, releases) => {
    const binder = EngineProcess.start({ ...engine, storage });
    const planner = new PlannerProcess(engine.environment ?? []);
    try {
      const { job, jobFile, params, run: runId } = request;
      const order = { job, jobFile, params, runId, rules, now: new Date(), ...releases };
      return await limitPlanning(limits, [binder, planner], signal, () =>
        planner.plan(storage, order, binder),
      );
    } finally {
      await Promise.all([binder.close(), planner.close()]);
    }
  };
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
