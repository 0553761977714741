import { allFailuresPrefix, failureOfKey, mapConcurrent, type ObjectStore } from '@shardmill/core';
import { findFailure } from '@shardmill/core/plans';

/** The worker time of all attempts at a shard in a round in which it failed for good. */
export interface FailedTime {
  readonly round: number;
  readonly shard: number;
  readonly seconds: number;
}

const READS_AT_ONCE = 16;

/**
 * The time that shards of a plan took which failed for good, in all rounds. It decides about no result: a note
 * that cannot be read counts for nothing.
 */
export async function failedTimes(store: ObjectStore, runId: string): Promise<FailedTime[]> {
  const failed: Omit<FailedTime, 'seconds'>[] = [];
  for await (const { key } of store.list(allFailuresPrefix(runId))) {
    const failure = failureOfKey(key);
    if (failure !== undefined) failed.push(failure);
  }
  return mapConcurrent(failed, READS_AT_ONCE, async ({ round, shard }) => {
    const failure = await findFailure(store, runId, round, shard).catch(() => undefined);
    return { round, shard, seconds: failure?.unfinishedSeconds ?? 0 };
  });
}

/** Worker time of all of them, in seconds. */
export async function failedSeconds(store: ObjectStore, runId: string): Promise<number> {
  const times = await failedTimes(store, runId);
  return times.reduce((sum, { seconds }) => sum + seconds, 0);
}
