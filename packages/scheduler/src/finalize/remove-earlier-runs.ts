import { type ObjectStore, previousOfClaim, runOfPart, STATE_PREFIX } from '@shardmill/core';

/**
 * Deletes what earlier runs wrote to a location: their parts, then their notes. What Shardmill did
 * not write stays. The caller's manifest is there already, `_SUCCESS` is not.
 */
export async function removeEarlierRuns(store: ObjectStore, runId: string): Promise<void> {
  const parts: string[] = [];
  const notes: string[] = [];
  for await (const { key } of store.list('')) {
    const owner = runOfPart(key) ?? previousOfClaim(key) ?? runOfNote(key);
    if (owner === undefined || owner === runId) continue;
    (key.startsWith(STATE_PREFIX) ? notes : parts).push(key);
  }
  for (const key of [...parts, ...notes]) await store.delete(key);
}

/** The run of a note under `_shardmill/`; files that are being staged belong to none. */
function runOfNote(key: string): string | undefined {
  const runId = /^_shardmill\/([^/]+)\/./.exec(key)?.[1];
  return runId === 'tmp' ? undefined : runId;
}
