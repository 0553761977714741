import { partFileKey, partKey, planKey, planPageKey, SUCCESS_KEY } from '@shardmill/core';
import { findFailure, findRecord } from '@shardmill/core/plans';
import { describe, expect, test } from 'vitest';
import { makePart, taskOf } from '../testing/sample-plan.js';
import { failing, RUN, useShardBench } from '../testing/shard-bench.js';

const bench = useShardBench();

describe('a run that was overwritten by another', () => {
  /** What the newer run does with the older one when it is complete. */
  async function overwritten(): Promise<void> {
    await bench.store.delete(planKey(RUN));
    for (const key of await bench.keys('part-')) await bench.store.delete(key);
    await bench.store.delete(planPageKey(RUN, 0));
    await bench.store.create(partKey('run-b', 0, 0), Buffer.from('newer'));
    await bench.store.replace(SUCCESS_KEY, Buffer.from('{"manifest":"m","runId":"run-b"}'));
  }
  const newer = [SUCCESS_KEY, '_shardmill/', partKey('run-b', 0, 0)];

  async function expectNothingOfIt(): Promise<void> {
    const left = (await bench.keys()).filter(
      (key) => !newer.some((known) => key.startsWith(known)),
    );
    expect(left).toEqual([]);
    expect(await findRecord(bench.store, { runId: RUN }, 1)).toBeUndefined();
    expect(await findFailure(bench.store, RUN, 1, 1)).toBeUndefined();
  }

  test('is not begun, though its plan is still in memory', async () => {
    await bench.worker.work(taskOf(bench.sample.message(0)), new AbortController().signal);
    await overwritten();
    expect(await bench.work()).toEqual({ kind: 'settled' });
    expect(bench.scored).toEqual([0]);
    expect(bench.ends.at(-1)).toEqual({ kind: 'run-gone', deletedParts: 0 });
    await expectNothingOfIt();
  });

  test.each([
    ['finishes the shard', () => {}],
    ['fails with it', failing('ENGINE_CRASHED')],
    ['fails with it for good', failing('INPUT_CHANGED')],
  ])('deletes the parts of a late worker that %s', async (_what, then) => {
    bench.halfWay = async () => {
      await overwritten();
      // As late as can be: after everything was deleted, a part appears.
      await makePart(bench.store, RUN, 1, 0);
      then();
    };
    expect(await bench.work()).toEqual({ kind: 'settled' });
    await expectNothingOfIt();
    expect(bench.ends).toMatchObject([{ kind: 'run-gone' }]);
  });

  test('deletes the parts of a worker that had lost its lock', async () => {
    const lost = new AbortController();
    bench.halfWay = async () => {
      await overwritten();
      await makePart(bench.store, RUN, 1, 0);
      lost.abort();
      failing('INTERRUPTED')();
    };
    expect(await bench.work({ signal: lost.signal })).toEqual({ kind: 'settled' });
    await expectNothingOfIt();
  });

  test('deletes a part that the engine made after it was to stop', async () => {
    const lost = new AbortController();
    let inEngine = Promise.resolve();
    bench.worker = bench.newWorker(
      async ({ onPart }) => {
        await overwritten();
        lost.abort();
        inEngine = makePart(bench.store, RUN, 1, 1).then((part) => onPart(part, true));
        return failing('INTERRUPTED')();
      },
      () => inEngine,
    );
    expect(await bench.work({ signal: lost.signal })).toEqual({ kind: 'settled' });
    await expectNothingOfIt();
    expect(bench.ends).toEqual([{ kind: 'run-gone', deletedParts: 1 }]);
  });

  test('deletes files of a part that was never finished, and leaves others', async () => {
    const folders = ['p=1/', 'p=2/', 'p=3/'];
    const [first = '', second = '', other = ''] = folders.map((folder) =>
      partFileKey(folder, RUN, 1, 0),
    );
    bench.worker = bench.newWorker(async ({ onFile }) => {
      await overwritten();
      for (const key of [first, second, other]) await bench.store.create(key, Buffer.from('x'));
      for (const key of [first, second]) onFile(key);
      return failing('ENGINE_CRASHED')();
    });
    expect(await bench.work()).toEqual({ kind: 'settled' });
    expect(await bench.keys('p=')).toEqual([other]);
  });

  test('keeps the parts that this worker did not make', async () => {
    await makePart(bench.store, RUN, 1, 0);
    bench.halfWay = async () => {
      await bench.store.delete(planKey(RUN));
    };
    await bench.work();
    expect(await bench.keys('part-')).toEqual([partKey(RUN, 1, 0)]);
    expect(bench.ends).toEqual([{ kind: 'run-gone', deletedParts: 1 }]);
  });

  test('keeps the parts of a finished run whose notes were deleted by hand', async () => {
    bench.halfWay = async () => {
      await bench.store.delete(planKey(RUN));
      await bench.store.replace(SUCCESS_KEY, Buffer.from(`{"manifest":"m","runId":"${RUN}"}`));
    };
    await bench.work();
    expect(await bench.keys('part-')).toEqual([partKey(RUN, 1, 0), partKey(RUN, 1, 1)]);
  });
});
