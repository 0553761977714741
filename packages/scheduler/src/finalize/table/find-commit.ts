import type { ObjectStore } from '@shardmill/core';
import { commitKey, listLog } from '../../delta/log/log-files.js';

/** Commits after the one that is looked for: other programs made them while a run was finished. */
const MAX_COMMITS = 200;

/**
 * The version whose commit has a transaction, looked for from the newest on.
 * @returns undefined where it is none of the newest, or cleaned up.
 */
export async function findCommit(
  store: ObjectStore,
  transaction: string,
): Promise<number | undefined> {
  const versions = [...((await listLog(store))?.commits.keys() ?? [])];
  const wanted = `"appId":${JSON.stringify(transaction)}`;
  for (const version of versions.toReversed().slice(0, MAX_COMMITS)) {
    const bytes = await store.read(commitKey(version));
    if (bytes !== undefined && Buffer.from(bytes).includes(wanted)) return version;
  }
  return undefined;
}
