import type { Manifest, ObjectStore } from '@shardmill/core';
import { isFinished, readKnownRuns } from './known-runs.js';
import { findManifest, readLocation } from './read-location.js';

/**
 * The newest finished run at an output location that scored what a plan of this digest would.
 * @returns its manifest, or undefined where there is none.
 */
export async function findFinishedRun(
  store: ObjectStore,
  digest: string,
): Promise<Manifest | undefined> {
  const { runs, success } = await readLocation(store);
  const known = await readKnownRuns(store, runs);
  const found = known.findLast((run) => run.digest === digest && isFinished(run, known, success));
  return found === undefined ? undefined : findManifest(store, found.runId);
}
