import type { ObjectStore } from '@shardmill/core';
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
  const opened = await openOutput(store, made.plan);
  if (opened.kind === 'resume') return { plan: opened.plan, adopted: true };
  const runId = await claimRun(store, opened.previous, made.plan);
  return publishPlan(store, { ...made, plan: { ...made.plan, runId } });
}
