import type { Manifest, ObjectStore } from '@shardmill/core';
import { isFinished, type KnownRun } from './decide-output.js';
import { findManifest, findPlanHead, readLocation } from './read-location.js';

/**
 * The newest finished run at an output location that scored what a plan of this digest would.
 * @returns its manifest, or undefined where there is none.
 */
export async function findFinishedRun(
  store: ObjectStore,
  digest: string,
): Promise<Manifest | undefined> {
  const { runs, success } = await readLocation(store);
  const known: KnownRun[] = [];
  for (const { runId, hasManifest } of runs) {
    const head = await findPlanHead(store, runId);
    if (head !== undefined) known.push({ ...head, runId, hasManifest });
  }
  const byTime = known.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  const found = byTime.findLast((run) => run.digest === digest && isFinished(run, byTime, success));
  return found === undefined ? undefined : findManifest(store, found.runId);
}
