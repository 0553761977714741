import {
  canonicalJson,
  manifestKey,
  type ObjectStore,
  type Plan,
  planKey,
  SUCCESS_KEY,
} from '@shardmill/core';
import { findEarlierRuns, isFollowed } from '../output/earlier-runs.js';
import { readSuccess } from '../output/read-location.js';
import { removeEarlierRuns } from './remove-earlier-runs.js';

/**
 * What follows on the manifest: removes what an overwriting run replaces, then writes `_SUCCESS`.
 * Nothing where `_SUCCESS` names the run already, or where a later run has begun at the location.
 */
export async function announceSuccess(
  store: ObjectStore,
  plan: Pick<Plan, 'runId' | 'mode' | 'scoring'>,
): Promise<void> {
  const { runId, mode } = plan;
  const [announced, earlier] = await Promise.all([
    readSuccess(store),
    earlierUnlessFollowed(store, plan),
  ]);
  if (announced === runId || earlier === undefined) return;
  if (mode === 'overwrite') {
    // Files that are no longer in a table may still be read, until VACUUM deletes them.
    const keepParts = plan.scoring.output.table !== undefined;
    await removeEarlierRuns(store, runId, earlier, { keepParts });
    // That may have taken long.
    if ((await earlierUnlessFollowed(store, plan)) === undefined) return;
  }
  await writeSuccess(store, runId, earlier);
}

/**
 * Finds `_SUCCESS` of a finished run gone and writes it again: a process that was about to delete
 * that of an earlier run, and woke up late, deletes whichever is there.
 */
export async function restoreSuccess(
  store: ObjectStore,
  plan: Pick<Plan, 'runId' | 'mode'>,
): Promise<void> {
  if ((await readSuccess(store)) !== undefined) return;
  const earlier = await earlierUnlessFollowed(store, plan);
  if (earlier !== undefined) await writeSuccess(store, plan.runId, earlier);
}

/**
 * The runs that were there before this one; undefined once a later one has begun, from when on
 * nothing at the location is this run's to change.
 */
async function earlierUnlessFollowed(
  store: ObjectStore,
  { runId, mode }: Pick<Plan, 'runId' | 'mode'>,
): Promise<ReadonlySet<string> | undefined> {
  const earlier = mode === 'create' ? new Set<string>() : await findEarlierRuns(store, runId);
  if (earlier === undefined || (await isFollowed(store, runId, earlier))) return undefined;
  // In this order: a later run removes the plan before it removes what shows that it is there.
  return (await store.head(planKey(runId))) === undefined ? undefined : earlier;
}

const TRIES = 5;

/**
 * Creates `_SUCCESS` and never replaces it, so that a process that comes late leaves that of a later
 * run alone. One of an earlier run, left by a process that came late itself, makes room.
 */
async function writeSuccess(
  store: ObjectStore,
  runId: string,
  earlier: ReadonlySet<string>,
): Promise<void> {
  const success = { runId, manifest: manifestKey(runId) };
  const content = Buffer.from(`${canonicalJson(success)}\n`);
  for (let tries = 0; tries < TRIES; tries++) {
    if ((await store.create(SUCCESS_KEY, content)) === 'created') return;
    const existing = await readSuccess(store);
    if (existing === runId) return;
    if (typeof existing === 'string' && !earlier.has(existing)) return;
    if (existing !== undefined) await store.delete(SUCCESS_KEY);
  }
}
