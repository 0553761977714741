import type { ModelRelease, ObjectStore, Plan } from '@shardmill/core';
import { findPlan } from '@shardmill/core/plans';
import { isFinished, readKnownRuns } from './known-runs.js';
import { openOutput } from './open-output.js';
import { readLocation } from './read-location.js';

/**
 * The version that an unfinished run of this job at an output location has, where the job names the same
 * model by the same alias. The alias may point elsewhere by now: a run that goes on keeps its version.
 */
export async function pinnedVersion(
  store: ObjectStore,
  job: string,
  { name, alias }: Pick<ModelRelease, 'name' | 'alias'>,
): Promise<number | undefined> {
  const location = await readLocation(store);
  const runs = await readKnownRuns(store, location.runs);
  const last = runs.findLast((run) => !isFinished(run, runs, location.success));
  if (last === undefined) return undefined;
  // What cannot be read is reported by the process that decides what to do with the location.
  const plan = await findPlan(store, last.runId).catch(() => undefined);
  const release = plan?.job.name === job ? plan.release : undefined;
  return release?.name === name && release.alias === alias ? release.version : undefined;
}

/** Whether a run with this plan would go on with one that is there. */
export async function wouldResume(
  store: ObjectStore,
  plan: Pick<Plan, 'mode' | 'digest' | 'scoring'>,
): Promise<boolean> {
  const opened = await openOutput(store, plan).catch(() => undefined);
  return opened?.kind === 'resume';
}
