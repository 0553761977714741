import type { Stores } from '@shardmill/core';
import type { JobRules } from '../plan/job-rules.js';
import { makePlan, type MadePlan } from '../plan/make-plan.js';
import type { RunRequest } from '../state/run-request.js';
import type { Clock } from './clock.js';
import type { ClosableBinder } from './scheduler-options.js';

/** Plans requests with a binder that is opened for each; the plan has the run's own id. */
export function jobPlanner(
  openBinder: () => Promise<ClosableBinder>,
  stores: Stores,
  clock: Clock,
  rules: JobRules,
): (request: RunRequest) => Promise<MadePlan> {
  return async ({ run, job, jobFile, params }) => {
    const binder = await openBinder();
    try {
      const now = new Date(clock.now());
      return await makePlan({ job, jobFile, params, runId: run, now, binder, stores, rules });
    } finally {
      await binder.close();
    }
  };
}
