import { partKey, ShardmillError, shardRecordKey } from '@shardmill/core';
import path from 'node:path';
import { findRecord } from '@shardmill/core/plans';
import { describe, expect, test } from 'vitest';
import { recordOf, taskOf } from '../testing/sample-plan.js';
import { failing, RUN, useShardBench } from '../testing/shard-bench.js';

const bench = useShardBench();

describe('a shard of which the log of runs says otherwise', () => {
  test('is refused, and nothing of it is followed', async () => {
    bench.refusal = () => 'the log of runs says otherwise of output';
    const before = await bench.keys();
    expect(await bench.work()).toEqual({ kind: 'refused', reason: bench.refusal() });
    expect(bench.ends).toMatchObject([{ kind: 'refused', error: { code: 'MESSAGE_REFUSED' } }]);
    expect([bench.scored, await bench.keys(), bench.events.events]).toEqual([[], before, []]);
  });

  test('is refused where the log itself cannot be read', async () => {
    bench.refusal = failing('PLAN_MISMATCH');
    expect(await bench.work()).toMatchObject({ kind: 'refused' });
  });

  test('comes back, with no attempt spent, where the log does not answer', async () => {
    bench.refusal = failing('STORE_UNREACHABLE');
    expect(await bench.work()).toEqual({ kind: 'again', delayMs: expect.any(Number), failed: [] });
    expect(bench.scored).toEqual([]);
  });
});

describe("a shard of which this machine's settings do not name", () => {
  test('the output is refused, and nothing is written', async () => {
    bench.allow = { outputs: [path.join(bench.folder, 'elsewhere')] };
    bench.worker = bench.newWorker(bench.score);
    const before = await bench.keys();
    expect(await bench.work()).toMatchObject({ kind: 'refused' });
    expect(bench.ends).toMatchObject([{ kind: 'refused', error: { code: 'LOCATION_FORBIDDEN' } }]);
    expect([bench.scored, await bench.keys()]).toEqual([[], before]);
  });

  test.each(['inputs', 'models'] as const)('the %s fails before it is staged', async (use) => {
    bench.allow = { [use]: [path.join(bench.folder, 'elsewhere')] };
    bench.worker = bench.newWorker(bench.score);
    expect(await bench.work()).toEqual({ kind: 'settled' });
    expect(bench.ends).toMatchObject([{ kind: 'failed', error: { code: 'LOCATION_FORBIDDEN' } }]);
    expect(bench.scored).toEqual([]);
  });
});

describe('a shard that is scored', () => {
  test('has its record before it is settled, and is reported', async () => {
    expect(await bench.work()).toEqual({ kind: 'settled' });
    const record = await findRecord(bench.store, { runId: RUN }, 1);
    expect(record).toMatchObject({ shard: 1, rows: { read: 20, scored: 20 } });
    expect(bench.events.events).toEqual([
      {
        kind: 'shard-done',
        run: `asked-for-${RUN}`,
        shard: 1,
        rows: record?.rows,
        work: { workerSeconds: 0, unfinishedSeconds: 0 },
      },
    ]);
    expect(bench.ends).toMatchObject([{ kind: 'done', resumedParts: 0 }]);
  });

  test('has in its record which attempt wrote it, and which ones failed before', async () => {
    const startedAt = '2026-11-22T06:00:00.000Z';
    bench.halfWay = () => {
      bench.now += 1500;
      if (bench.scored.length === 1) failing('ENGINE_CRASHED')();
    };
    const outcome = await bench.work();
    if (outcome.kind !== 'again') throw new Error(`the first attempt ended as ${outcome.kind}`);
    const { unfinishedSeconds } = outcome;
    expect(unfinishedSeconds).toBe(1.5);
    expect(bench.events.events).toMatchObject([{ kind: 'shard-retried', unfinishedSeconds: 1.5 }]);
    await bench.work({ failed: outcome.failed, unfinishedSeconds });
    const [first] = outcome.failed;
    expect(first).toMatchObject({ startedAt, error: { code: 'ENGINE_CRASHED' } });
    expect(await findRecord(bench.store, { runId: RUN }, 1)).toMatchObject({
      attempt: {
        worker: 'host-1-aa',
        startedAt: '2026-11-22T06:00:01.500Z',
        endedAt: '2026-11-22T06:00:03.000Z',
      },
      failed: [first],
      seconds: { worker: 1.5, unfinished: 1.5 },
    });
    expect(bench.events.events.at(-1)).toMatchObject({
      work: { workerSeconds: 1.5, unfinishedSeconds: 1.5 },
    });
  });

  test('takes the time of all its attempts with it where it is handed back', async () => {
    const drop = new AbortController();
    bench.halfWay = () => {
      bench.now += 2000;
      drop.abort();
    };
    expect(await bench.work({ unfinishedSeconds: 3 }, drop)).toEqual({
      kind: 'handed-back',
      unfinishedSeconds: 5,
    });
  });

  test('names no failed attempts in its record where there were none', async () => {
    await bench.work();
    expect(await findRecord(bench.store, { runId: RUN }, 1)).not.toHaveProperty('failed');
  });

  test('says in its record how long it took of the time of the worker', async () => {
    bench.halfWay = () => {
      bench.now += 7000;
    };
    await bench.work();
    expect(await findRecord(bench.store, { runId: RUN }, 1)).toMatchObject({
      seconds: { worker: 7 },
    });
  });

  test('is settled without an engine where its record is there', async () => {
    await bench.work();
    expect(
      await bench
        .newWorker(bench.score)
        .work(taskOf(bench.sample.message(1)), new AbortController().signal),
    ).toEqual({
      kind: 'settled',
    });
    expect(bench.scored).toEqual([1]);
    expect(bench.events.events).toHaveLength(2);
    expect(bench.ends).toMatchObject([{ kind: 'done' }, { kind: 'found' }]);
  });

  test('goes on at the first missing part after a crash before the record', async () => {
    bench.halfWay = failing('ENGINE_CRASHED');
    await bench.work();
    bench.halfWay = () => {};
    expect(await bench.work()).toEqual({ kind: 'settled' });
    expect(bench.ends).toMatchObject([{ kind: 'again' }, { kind: 'done', resumedParts: 1 }]);
  });

  test('keeps the record of another worker that was first', async () => {
    bench.halfWay = async () => {
      await bench
        .newWorker(async ({ plan }) => ({
          ...recordOf(plan, 1, []),
          seconds: { first: 1 },
        }))
        .work(taskOf(bench.sample.message(1)), new AbortController().signal);
    };
    expect(await bench.work()).toEqual({ kind: 'settled' });
    expect(await findRecord(bench.store, { runId: RUN }, 1)).toMatchObject({
      seconds: { first: 1 },
    });
  });

  test('is not settled where its record cannot be written', async () => {
    bench.store.fault = (key) =>
      key === shardRecordKey(RUN, 1) ? new ShardmillError('STORE_UNREACHABLE', 'away') : undefined;
    expect(await bench.work()).toEqual({ kind: 'again', delayMs: 1000, failed: [] });
    expect(bench.events.events).toMatchObject([
      { kind: 'shard-retried', code: 'STORE_UNREACHABLE' },
    ]);
  });
});

describe('a worker that has to release its shards', () => {
  test('hands the shard back at once, whatever hangs, and spends nothing', async () => {
    const drop = new AbortController();
    bench.halfWay = () => new Promise<never>(() => drop.abort());
    expect(await bench.work({}, drop)).toEqual({ kind: 'handed-back' });
    expect(await bench.keys('part-')).toEqual([partKey(RUN, 1, 0)]);
    expect(bench.ends).toEqual([{ kind: 'handed-back' }]);
    expect(bench.events.events).toEqual([]);
  });

  test('hands it back while the store does not answer', async () => {
    const drop = new AbortController();
    bench.store.head = () => new Promise<never>(() => drop.abort());
    expect(await bench.work({}, drop)).toEqual({ kind: 'handed-back' });
  });

  test('hands it back where the engine says that it was interrupted', async () => {
    bench.halfWay = failing('INTERRUPTED');
    expect(await bench.work()).toEqual({ kind: 'handed-back' });
  });
});

describe('a shard whose result is not wanted any more', () => {
  test('is abandoned, and keeps the parts that are done', async () => {
    const lost = new AbortController();
    bench.halfWay = () => {
      lost.abort();
      failing('INTERRUPTED')();
    };
    expect(await bench.work({ signal: lost.signal })).toEqual({ kind: 'settled' });
    expect(await bench.keys('part-')).toEqual([partKey(RUN, 1, 0)]);
    expect(await findRecord(bench.store, { runId: RUN }, 1)).toBeUndefined();
    expect(bench.ends).toEqual([{ kind: 'abandoned' }]);
  });

  test('is not begun', async () => {
    expect(await bench.work({ signal: AbortSignal.abort() })).toEqual({ kind: 'settled' });
    expect(bench.scored).toEqual([]);
  });
});
