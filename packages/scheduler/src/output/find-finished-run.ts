import type { Manifest, ObjectStore, Plan } from '@shardmill/core';
import { isFinished, readKnownRuns } from './known-runs.js';
import { findManifest, readLocation } from './read-location.js';

/**
 * The newest finished run at an output location that scored what a plan of this digest would. One that
 * replaced partitions of a table is that only as long as no later run may have replaced them again.
 * @returns its manifest, or undefined where there is none.
 */
export async function findFinishedRun(
  store: ObjectStore,
  { digest, mode }: Pick<Plan, 'digest' | 'mode'>,
): Promise<Manifest | undefined> {
  const { runs, success } = await readLocation(store);
  const known = await readKnownRuns(store, runs);
  const found = known.findLast((run) => run.digest === digest && isFinished(run, known, success));
  if (mode === 'replace-partitions' && (found?.mode !== mode || found !== known.at(-1))) {
    return undefined;
  }
  return found === undefined ? undefined : findManifest(store, found.runId);
}
