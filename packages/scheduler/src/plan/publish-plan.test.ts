import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FileStore, planKey, planPageKey } from '@shardmill/core';
import { findPlan, loadPage, loadPlan, plannedShards } from '@shardmill/core/plans';
import { describe, expect, it } from 'vitest';
import { withFolder, writeParquet } from '../testing/parquet.js';
import { DyingStore, type TestRun, testRun } from '../testing/run.js';
import { publishPlan } from './publish-plan.js';

async function withRun(use: (run: TestRun, out: string) => Promise<void>): Promise<void> {
  await withFolder(async (base) => {
    await mkdir(path.join(base, 'data'));
    await writeParquet(
      path.join(base, 'data/a.parquet'),
      'SELECT i AS a FROM range(10000) r(i)',
      'ROW_GROUP_SIZE 2048',
    );
    await use(await testRun(base, 'r1'), path.join(base, 'out'));
  });
}

describe('publishing a plan', () => {
  it('stores it so that it reads back as it was', () =>
    withRun(async (run, out) => {
      const store = new FileStore(out);
      expect(await findPlan(store, 'r1')).toBeUndefined();
      expect(await publishPlan(store, run)).toEqual({ plan: run.plan, adopted: false });
      expect(await loadPlan(store, 'r1')).toEqual(run.plan);
      const shards = [];
      for await (const shard of plannedShards(store, run.plan)) shards.push(shard);
      expect(shards).toEqual(run.shards);
    }));

  it('makes one run of two schedulers', () =>
    withRun(async (run, out) => {
      const made = [0, 1, 2, 3].map((n) => ({
        ...run,
        plan: { ...run.plan, createdAt: new Date(n).toISOString() },
      }));
      const all = await Promise.all(made.map((m) => publishPlan(new FileStore(out), m)));
      expect(new Set(all.map(({ plan }) => plan.createdAt)).size).toBe(1);
      expect(all.filter(({ adopted }) => !adopted)).toHaveLength(1);
    }));

  it('goes on after a crash at any point', () =>
    withRun(async (run, out) => {
      for (let n = 0; n < 2; n++) {
        await expect(publishPlan(new DyingStore(out, n), run)).rejects.toThrow('killed');
        expect(await findPlan(new FileStore(out), 'r1')).toBeUndefined();
      }
      expect(await publishPlan(new FileStore(out), run)).toMatchObject({ adopted: false });
    }));

  it('refuses pages that another plan left', () =>
    withRun(async (run, out) => {
      const store = new FileStore(out);
      await store.create(planPageKey('r1', 0), Buffer.from('{"shards":[]}'));
      await expect(publishPlan(store, run)).rejects.toMatchObject({ code: 'PLAN_MISMATCH' });
    }));

  it('refuses what is damaged, of another format, or missing', () =>
    withRun(async (run, out) => {
      const store = new FileStore(out);
      await publishPlan(store, run);
      await writeFile(path.join(out, planPageKey('r1', 0)), '{"shards":[]}');
      await expect(loadPage(store, run.plan, 0)).rejects.toMatchObject({
        code: 'PLAN_MISMATCH',
        message: expect.stringContaining('SHA-256'),
      });
      await expect(loadPlan(store, 'r2')).rejects.toMatchObject({ code: 'PLAN_MISMATCH' });
      for (const text of ['{', '{}', JSON.stringify({ ...run.plan, format: 'shardmill-plan/9' })]) {
        await writeFile(path.join(out, planKey('r1')), text);
        await expect(loadPlan(store, 'r1')).rejects.toMatchObject({ code: 'PLAN_MISMATCH' });
      }
    }));
});
