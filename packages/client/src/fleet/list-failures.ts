import { failuresPrefix, type ObjectStore, type ShardFailure } from '@shardmill/core';
import { findFailure } from '@shardmill/core/plans';

/**
 * Shards that failed for good in a round of a plan: the attempts of the first few.
 * @param round as `attemptRound` numbers it.
 */
export async function listFailures(
  store: ObjectStore,
  planRun: string,
  round: number,
  limit: number,
): Promise<ShardFailure[]> {
  const failures: ShardFailure[] = [];
  for await (const { key } of store.list(failuresPrefix(planRun, round))) {
    if (failures.length >= limit) break;
    const shard = Number(/(\d+)\.json$/.exec(key)?.[1]);
    const failure = await findFailure(store, planRun, round, shard);
    if (failure !== undefined) failures.push(failure);
  }
  return failures;
}
