import {
  mapConcurrent,
  type ObjectStore,
  runOfPart,
  runOfPlan,
  STATE_PREFIX,
} from '@shardmill/core';
import { isFirstClaim, ownerOf } from '../output/earlier-runs.js';

const DELETES_AT_ONCE = 16;

/**
 * Deletes what earlier runs wrote to a location: their plans, then their parts, then their other
 * notes. What Shardmill did not write stays. The caller's manifest is there already, `_SUCCESS` is
 * not.
 *
 * Plans go first, and parts are listed after that: a worker that is still at such a run sees that
 * the plan is gone and deletes what it writes from then on; what it made before is listed here.
 * @param earlier the runs to delete. Those that came later are none of the caller's.
 * @param options `keepParts` where the parts are files of a table.
 */
export async function removeEarlierRuns(
  store: ObjectStore,
  runId: string,
  earlier: ReadonlySet<string>,
  { keepParts = false }: { readonly keepParts?: boolean } = {},
): Promise<void> {
  const isEarlier = (owner: string | undefined): boolean =>
    owner !== undefined && owner !== runId && earlier.has(owner);
  const remove = async (prefix: string, which: (key: string) => boolean): Promise<void> => {
    const keys: string[] = [];
    for await (const { key } of store.list(prefix)) if (which(key)) keys.push(key);
    await mapConcurrent(keys, DELETES_AT_ONCE, (key) => store.delete(key));
  };
  await remove(STATE_PREFIX, (key) => isEarlier(runOfPlan(key)));
  // Files of partitions lie in folders of any name.
  if (!keepParts) await remove('', (key) => isEarlier(runOfPart(key)));
  await remove(STATE_PREFIX, (key) => isEarlier(ownerOf(key)) || isFirstClaim(key));
}
