import { failuresPrefix, type ObjectStore, shardRecordsPrefix } from '@shardmill/core';

/** Shards of a run that have a record, in the order of their keys. */
export function listRecords(store: ObjectStore, planRun: string): AsyncGenerator<number> {
  return shardsBelow(store, shardRecordsPrefix(planRun));
}

/** Shards that failed for good in a round, whether or not they have a record. */
export function listFailures(
  store: ObjectStore,
  planRun: string,
  round: number,
): AsyncGenerator<number> {
  return shardsBelow(store, failuresPrefix(planRun, round));
}

async function* shardsBelow(store: ObjectStore, prefix: string): AsyncGenerator<number> {
  for await (const { key } of store.list(prefix)) {
    const shard = /^(\d+)\.json$/.exec(key.slice(prefix.length))?.[1];
    if (shard !== undefined) yield Number(shard);
  }
}
