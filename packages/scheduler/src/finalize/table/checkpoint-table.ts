import { type ObjectStore, toShardmillError } from '@shardmill/core';
import { checkpointPolicy, isDue } from '../../delta/checkpoint/checkpoint-policy.js';
import { makeCheckpoint } from '../../delta/checkpoint/make-checkpoint.js';
import type { TableCheckpoints, TableCommit } from './table-commit.js';

/**
 * Writes the checkpoint that a run's own commit makes due. A commit that was found, and not made, is
 * followed by none: the next one that is due has all that it would have had.
 */
export async function checkpointTable(
  { version, follows }: TableCommit,
  store: ObjectStore,
  { write, failed }: TableCheckpoints,
  now: Date,
): Promise<void> {
  if (version === undefined || follows === undefined) return;
  const policy = checkpointPolicy(follows);
  if (policy === undefined || !isDue(policy, version)) return;
  try {
    await makeCheckpoint({ store, version, policy, now, write });
  } catch (error) {
    const { code, message } = toShardmillError(error);
    failed(
      `the checkpoint of version ${version} was not written, without which the table is whole: ${code} ${message}`,
    );
  }
}
