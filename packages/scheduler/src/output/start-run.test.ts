import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { FileStore } from '@shardmill/core';
import { expect, it } from 'vitest';
import { finalizeRun } from '../finalize/finalize-run.js';
import { withFolder, writeParquet } from '../testing/parquet.js';
import { keysOf, ofOtherData, testRun, work } from '../testing/run.js';
import { beginRun } from './begin-run.js';
import { startRun } from './start-run.js';

async function withData(use: (base: string, store: FileStore) => Promise<void>): Promise<void> {
  await withFolder(async (base) => {
    await mkdir(path.join(base, 'data'));
    await writeParquet(path.join(base, 'data/a.parquet'), 'SELECT i AS a FROM range(5000) r(i)');
    await use(base, new FileStore(path.join(base, 'out')));
  });
}

it('makes one run of several that start at the same time, once for each of their starts', () =>
  withData(async (base, store) => {
    for (const start of ['a', 'b']) {
      const made = await Promise.all(
        [1, 2, 3, 4].map((n) => testRun(base, `${start}${n}`, 'overwrite', new Date(n))),
      );
      const started = await Promise.all(made.map((run) => startRun(store, run)));
      expect(new Set(started.map(({ plan }) => plan.runId)).size).toBe(1);
      expect(started.filter(({ adopted }) => !adopted)).toHaveLength(1);
      const plan = started[0]?.plan;
      const mine = made[0];
      if (plan === undefined || mine === undefined) throw new Error('no run');
      expect(plan.runId).toMatch(start);
      await beginRun(store, plan);
      await work(store, { ...mine, plan });
      const rest = { maxRejectedRows: 0, now: new Date(9), versions: {}, seconds: {} };
      await finalizeRun({ store, plan, ...rest });
    }
    expect(await keysOf(store, '_shardmill/claims/')).toEqual([]);
  }));

it('goes on with an id that was claimed by a process that died before it stored a plan', () =>
  withData(async (base, store) => {
    const dead = await testRun(base, 'dead');
    await startRun(store, dead);
    for (const key of await keysOf(store, '_shardmill/dead/')) await store.delete(key);
    const { plan, adopted } = await startRun(store, await testRun(base, 'next'));
    expect({ runId: plan.runId, adopted }).toEqual({ runId: 'dead', adopted: false });
  }));

it('does not hand a claimed id to a run of other data', () =>
  withData(async (base, store) => {
    await startRun(store, await testRun(base, 'one', 'overwrite'));
    const other = await testRun(base, 'two', 'overwrite');
    expect((await startRun(store, ofOtherData(other))).plan.runId).toBe('two');
  }));
