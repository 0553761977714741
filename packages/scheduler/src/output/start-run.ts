import type { ObjectStore, Plan } from '@shardmill/core';
import type { MadePlan } from '../plan/make-plan.js';
import { type PublishedPlan, publishPlan } from '../plan/publish-plan.js';
import { claimRun } from './claim-run.js';
import { openOutput } from './open-output.js';

/**
 * The run that a plan becomes at its output location: an unfinished one of the same digest, or a
 * new one, whose plan is stored. Processes that start the same run at the same time get the same.
 * @throws OUTPUT_EXISTS, PLAN_MISMATCH
 */
export async function startRun(store: ObjectStore, made: MadePlan): Promise<PublishedPlan> {
  const runId = await chooseRunId(store, made.plan);
  return publishPlan(store, { ...made, plan: { ...made.plan, runId } });
}

/** The id under which a plan is stored, or is stored already. @throws OUTPUT_EXISTS, PLAN_MISMATCH */
export async function chooseRunId(store: ObjectStore, plan: Plan): Promise<string> {
  const opened = await openOutput(store, plan);
  return opened.kind === 'resume' ? opened.plan.runId : claimRun(store, opened.previous, plan);
}
