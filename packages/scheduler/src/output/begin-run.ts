import { type ObjectStore, type Plan, ShardmillError, SUCCESS_KEY } from '@shardmill/core';
import { findEarlierRuns, noteEarlierRuns } from './earlier-runs.js';
import { readSuccess } from './read-location.js';

/**
 * To be called before the first part is written: notes which runs are there already, and deletes
 * their `_SUCCESS`, so that a reader that waits for it never takes a half state for whole.
 * Their parts stay until the new run is complete. Calling it again changes nothing.
 * @param start names this round of a submitted run, or this start of a local one.
 * @throws OUTPUT_EXISTS where a run that came later has finished there.
 */
export async function beginRun(
  store: ObjectStore,
  { mode, runId, scoring }: Pick<Plan, 'mode' | 'runId' | 'scoring'>,
  start: string = runId,
): Promise<void> {
  if (mode === 'create') return;
  await noteEarlierRuns(store, runId, start);
  const earlier = await findEarlierRuns(store, runId);
  const success = await readSuccess(store);
  if (success === undefined || success === runId) return;
  if (success !== null && earlier?.has(success) !== true) {
    // Runs that append to a table, or replace partitions of it, do not disturb each other.
    if (mode !== 'overwrite' && scoring.output.table !== undefined) return;
    throw new ShardmillError(
      'OUTPUT_EXISTS',
      `run ${success} has finished here after run ${runId} began`,
      { where: store.uri, remedy: 'Submit the run anew where its results are still wanted.' },
    );
  }
  await store.delete(SUCCESS_KEY);
}
