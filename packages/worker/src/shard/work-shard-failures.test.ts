import { failureKey, ShardmillError, shardRecordKey } from '@shardmill/core';
import { readFile } from 'node:fs/promises';
import { findFailure, findRecord } from '@shardmill/core/plans';
import type { Attempt } from '@shardmill/queue';
import { describe, expect, test } from 'vitest';
import { recordOf, taskOf } from '../testing/sample-plan.js';
import { failing, RUN, useShardBench } from '../testing/shard-bench.js';

const bench = useShardBench();

describe('a shard that fails', () => {
  const earlier = (endedAt: string): Attempt => ({
    worker: 'host-9-zz',
    startedAt: '2026-11-22T05:10:00.000Z',
    endedAt,
    error: { code: 'PART_TIMEOUT', message: 'slow', remedy: 'none' },
  });

  test('comes back later, with one more failed attempt', async () => {
    bench.halfWay = failing('ENGINE_CRASHED');
    const before = earlier('2026-11-22T05:20:00.000Z');
    expect(await bench.work({ failed: [before] })).toEqual({
      kind: 'again',
      delayMs: 1000,
      failed: [
        before,
        {
          worker: 'host-1-aa',
          startedAt: '2026-11-22T06:00:00.000Z',
          endedAt: '2026-11-22T06:00:00.000Z',
          error: {
            code: 'ENGINE_CRASHED',
            message: 'as the test asks',
            where: 'shard 1: rows 20 to 39 of /data/a.parquet',
            remedy: expect.any(String),
          },
        },
      ],
    });
    expect(await bench.keys(`_shardmill/${RUN}/failed`)).toEqual([]);
    expect(bench.events.events).toEqual([
      { kind: 'shard-retried', run: `asked-for-${RUN}`, shard: 1, code: 'ENGINE_CRASHED' },
    ]);
  });

  test('for the last time leaves a note with all attempts', async () => {
    bench.halfWay = failing('ENGINE_CRASHED');
    const before = [earlier('2026-11-22T05:20:00.000Z'), earlier('2026-11-22T05:30:00.000Z')];
    const task = { failed: before, unfinishedSeconds: 40 };
    expect(await bench.work(task)).toEqual({ kind: 'settled' });
    const failure = await findFailure(bench.store, RUN, 1, 1);
    expect(failure).toMatchObject({
      runId: RUN,
      planDigest: bench.sample.plan.digest,
      round: 1,
      shard: 1,
      code: 'ENGINE_CRASHED',
      where: 'shard 1: rows 20 to 39 of /data/a.parquet',
      unfinishedSeconds: 40,
    });
    expect(failure?.story.map(({ worker, error }) => [worker, error.code])).toEqual([
      ['host-9-zz', 'PART_TIMEOUT'],
      ['host-9-zz', 'PART_TIMEOUT'],
      ['host-1-aa', 'ENGINE_CRASHED'],
    ]);
    expect(bench.events.events).toEqual([
      { kind: 'shard-failed', run: `asked-for-${RUN}`, shard: 1, unfinishedSeconds: 40 },
    ]);
    expect(await findRecord(bench.store, { runId: RUN }, 1)).toBeUndefined();
  });

  test('of a full disk is waited for, and costs attempts only after that', async () => {
    bench.halfWay = failing('DISK_FULL');
    expect(await bench.work()).toEqual({ kind: 'again', delayMs: 1500, failed: [] });
    bench.now += 599_000;
    expect(await bench.work()).toEqual({ kind: 'again', delayMs: 1000, failed: [] });
    expect(bench.ends).toMatchObject([
      { kind: 'again', spent: false },
      { kind: 'again', spent: false },
    ]);
    bench.now += 1000;
    expect(await bench.work()).toMatchObject({ kind: 'again', delayMs: 500, failed: [{}] });
    // Another round has its own time, and so has what comes after a shard that was done.
    const message = { ...bench.sample.message(1), round: 2 };
    expect(await bench.work({ message })).toMatchObject({ kind: 'again', failed: [] });
    bench.halfWay = () => {};
    expect(await bench.work()).toEqual({ kind: 'settled' });
    bench.halfWay = failing('DISK_FULL');
    const other = bench.sample.message(0);
    expect(await bench.work({ message: other })).toMatchObject({ kind: 'again', failed: [] });
  });

  test('of something that stays as it is fails at once', async () => {
    bench.halfWay = failing('INPUT_CHANGED');
    expect(await bench.work()).toEqual({ kind: 'settled' });
    expect(await findFailure(bench.store, RUN, 1, 1)).toMatchObject({ code: 'INPUT_CHANGED' });
  });

  test('keeps the first note where two workers fail with it', async () => {
    bench.halfWay = failing('INPUT_CHANGED');
    await bench.work();
    const first = await readFile(bench.store.pathOf(failureKey(RUN, 1, 1)), 'utf8');
    bench.halfWay = failing('EXPRESSION_FAILED');
    expect(await bench.work()).toEqual({ kind: 'settled' });
    expect(await readFile(bench.store.pathOf(failureKey(RUN, 1, 1)), 'utf8')).toBe(first);
  });

  test('does not fail where another worker has done it meanwhile', async () => {
    bench.halfWay = async () => {
      await bench
        .newWorker(async ({ plan }) => recordOf(plan, 1, []))
        .work(taskOf(bench.sample.message(1)), new AbortController().signal);
      failing('INPUT_CHANGED')();
    };
    expect(await bench.work()).toEqual({ kind: 'settled' });
    expect(await findFailure(bench.store, RUN, 1, 1)).toBeUndefined();
    expect(bench.ends.at(-1)).toMatchObject({ kind: 'found' });
  });

  test('is not scored again only because its note could not be written', async () => {
    bench.halfWay = failing('INPUT_CHANGED');
    bench.store.fault = (key) =>
      key === failureKey(RUN, 1, 1) ? new ShardmillError('STORE_DENIED', 'read only') : undefined;
    const outcome = await bench.work({ message: { ...bench.sample.message(1), attempts: 1 } });
    if (outcome.kind !== 'again') throw new Error(`it is ${outcome.kind}`);
    expect(outcome.failed.map(({ error }) => error.code)).toEqual(['INPUT_CHANGED']);
    bench.store.fault = undefined;
    const message = { ...bench.sample.message(1), attempts: 1 };
    expect(await bench.work({ message, failed: outcome.failed })).toEqual({ kind: 'settled' });
    expect(bench.scored).toEqual([1]);
    expect(await findFailure(bench.store, RUN, 1, 1)).toMatchObject({ code: 'INPUT_CHANGED' });
  });

  test('because its record is not one fails with that', async () => {
    await bench.store.create(shardRecordKey(RUN, 1), Buffer.from('{"format":"shardmill-shard/9"}'));
    expect(await bench.work()).toEqual({ kind: 'settled' });
    expect(await findFailure(bench.store, RUN, 1, 1)).toMatchObject({
      code: 'PLAN_MISMATCH',
      where: bench.store.locate(shardRecordKey(RUN, 1)),
    });
  });

  test.each([
    ['of another digest', { planDigest: 'other' }],
    ['without such a page', { page: 7 }],
    ['without such a shard', { shard: 9 }],
  ])('because its message is of a plan %s', async (_what, change) => {
    const message = { ...bench.sample.message(1), ...change };
    expect(await bench.work({ message })).toEqual({ kind: 'settled' });
    expect(await findFailure(bench.store, RUN, 1, message.shard)).toMatchObject({
      code: 'PLAN_MISMATCH',
    });
    expect(bench.scored).toEqual([]);
  });
});

describe('a store that is away', () => {
  test('costs no attempt, and is asked less and less often until it answers', async () => {
    bench.store.fault = () => new ShardmillError('STORE_UNREACHABLE', 'no answer');
    const delays: number[] = [];
    for (let times = 0; times < 8; times++) {
      const outcome = await bench.work();
      if (outcome.kind !== 'again') throw new Error(`it is ${outcome.kind}`);
      expect(outcome.failed).toEqual([]);
      delays.push(outcome.delayMs);
    }
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    bench.store.fault = undefined;
    expect(await bench.work()).toEqual({ kind: 'settled' });
    bench.store.fault = () => new ShardmillError('STORE_UNREACHABLE', 'no answer');
    expect(await bench.work()).toMatchObject({ delayMs: 1000 });
  });
});
