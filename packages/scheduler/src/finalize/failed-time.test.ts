import {
  canonicalJson,
  FAILURE_FORMAT,
  failureKey,
  ShardmillError,
  shardRecordKey,
} from '@shardmill/core';
import { findRecord } from '@shardmill/core/plans';
import { expect, it } from 'vitest';
import { startRun } from '../output/start-run.js';
import { MemoryStore } from '../testing/memory-store.js';
import { work } from '../testing/run.js';
import { syntheticPlan } from '../testing/synthetic-plan.js';
import { collectRecords } from './collect-records.js';
import { failedTimes } from './failed-time.js';

it('the time of attempts that did not finish is that of records, and of failures of all rounds', async () => {
  const store = new MemoryStore('/out');
  const made = syntheticPlan({ runId: 'r1', output: store.uri, shards: 3 });
  const { plan } = await startRun(store, made);
  const shards = made.pages.flatMap((page) => page.shards);
  await work(store, { plan, pages: made.pages, shards });
  const write = (key: string, value: object) =>
    store.replace(key, Buffer.from(canonicalJson(value)));
  for (const shard of [0, 2]) {
    const record = await findRecord(store, plan, shard);
    if (record === undefined) throw new Error(`shard ${shard} has no record`);
    const seconds = { ...record.seconds, unfinished: 6 };
    await write(shardRecordKey('r1', shard), { ...record, seconds });
  }
  const note = (round: number, shard: number, unfinishedSeconds?: number) =>
    write(failureKey('r1', round, shard), {
      format: FAILURE_FORMAT,
      runId: 'r1',
      planDigest: plan.digest,
      round,
      shard,
      ...new ShardmillError('PART_TIMEOUT', 'slow').toRecord(),
      story: [],
      ...(unfinishedSeconds !== undefined && { unfinishedSeconds }),
    });
  await note(0, 1, 30);
  await note(70_001, 1, 4);
  // By an earlier version, and damaged.
  await note(0, 2);
  await store.replace(failureKey('r1', 0, 0), Buffer.from('half a no'));
  expect(await failedTimes(store, 'r1')).toEqual(
    expect.arrayContaining([
      { round: 0, shard: 1, seconds: 30 },
      { round: 70_001, shard: 1, seconds: 4 },
    ]),
  );
  const collected = await collectRecords(store, plan);
  expect(collected.work).toEqual({ workerSeconds: 30, unfinishedSeconds: 46 });
});
