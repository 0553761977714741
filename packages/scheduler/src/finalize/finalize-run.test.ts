import { appendFile, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  FileStore,
  manifestKey,
  partFileKey,
  type PartFile,
  partIndexKey,
  partKey,
  type Plan,
  runOfPart,
  type ShardRecord,
  shardRecordKey,
  SUCCESS_KEY,
} from '@shardmill/core';
import { manifestSchema } from '@shardmill/core/schemas';
import { describe, expect, it } from 'vitest';
import { beginRun } from '../output/begin-run.js';
import { publishPlan } from '../plan/publish-plan.js';
import { withFolder, writeParquet } from '../testing/parquet.js';
import { DyingStore, keysOf, type TestRun, testRun, work } from '../testing/run.js';
import { finalizeRun } from './finalize-run.js';

interface Place {
  readonly base: string;
  readonly out: string;
  readonly store: FileStore;
}

async function withPlace(use: (place: Place) => Promise<void>): Promise<void> {
  await withFolder(async (base) => {
    await mkdir(path.join(base, 'data'));
    await writeParquet(
      path.join(base, 'data/a.parquet'),
      'SELECT i AS a FROM range(10000) r(i)',
      'ROW_GROUP_SIZE 2048',
    );
    const out = path.join(base, 'out');
    await use({ base, out, store: new FileStore(out) });
  });
}

async function worked(
  { base, store }: Place,
  runId: string,
  mode: Plan['mode'] = 'create',
  { partitionBy, ...options }: Parameters<typeof work>[2] & { partitionBy?: string[] } = {},
): Promise<TestRun> {
  const run = await testRun(base, runId, mode, undefined, partitionBy);
  await publishPlan(store, run);
  await beginRun(store, run.plan);
  await work(store, run, options);
  return run;
}

const finalize = (store: FileStore, plan: Plan, maxRejectedRows: string | number = 0, now = 1000) =>
  finalizeRun({
    store,
    plan,
    maxRejectedRows,
    now: new Date(now),
    versions: { shardmill: '0.1.0' },
    seconds: { total: 9 },
  });

describe('finalizing', () => {
  it('writes a manifest of all parts, then _SUCCESS', () =>
    withPlace(async (place) => {
      const { plan } = await worked(place, 'r1');
      const manifest = await finalize(place.store, plan);
      expect(manifestSchema.parse(manifest)).toEqual(manifest);
      expect(manifest).toMatchObject({
        rows: { read: 10_000, scored: 10_000 - manifest.parts.length, rejected: 0 },
        statistics: { score: { mean: 1 } },
        seconds: { infer: plan.totals.shards, total: 9 },
      });
      expect(manifest.parts).toHaveLength(plan.totals.parts);
      const success = JSON.parse(String(Buffer.from((await place.store.read(SUCCESS_KEY)) ?? [])));
      expect(success).toEqual({ runId: 'r1', manifest: manifestKey('r1') });
    }));

  it('counts pruned rows as read and filtered', () =>
    withPlace(async (place) => {
      const { plan } = await worked(place, 'r1');
      const totals = { ...plan.totals, prunedRows: 500 };
      const { rows } = await finalize(place.store, { ...plan, totals });
      expect(rows).toMatchObject({ read: 10_500, filtered: plan.totals.parts + 500 });
    }));

  it.each([
    ['', {}],
    [' of files by partition', { partitionBy: ['p'] }],
  ])('comes to the same end after a crash at any point%s', (_of, options) =>
    withPlace(async (place) => {
      const first = await worked(place, 'r1', 'create', options);
      const { parts } = await finalize(place.store, first.plan);
      await place.store.create('notes.txt', Buffer.from('not ours'));
      const { plan } = await worked(place, 'r2', 'overwrite', options);
      let crashes = 0;
      for (;;) {
        const visible = (await keysOf(place.store)).filter((key) => runOfPart(key) === 'r1');
        const manifest = await place.store.head(manifestKey('r2'));
        // Until the manifest is there nothing of the earlier run is lost.
        if (manifest === undefined) expect(visible).toHaveLength(parts.length);
        const dying = new DyingStore(place.out, 1);
        try {
          await finalize(dying, plan, 0, 1000 + crashes);
          break;
        } catch (error) {
          expect(error).toMatchObject({ message: 'killed' });
          expect(await place.store.head(SUCCESS_KEY)).toBeUndefined();
          crashes++;
        }
      }
      expect(crashes).toBeGreaterThan(5);
      const keys = await keysOf(place.store);
      expect(keys.filter((key) => key.includes('r1'))).toEqual([]);
      expect(keys).toContain('notes.txt');
      expect(keys).toContain(SUCCESS_KEY);
      const manifest = await finalize(place.store, plan, 0, 99_000);
      expect(manifest.finishedAt).toBe(new Date(1000).toISOString());
      expect(await keysOf(place.store)).toEqual(keys);
    }),
  );

  it('names each file of a part that has one for each partition', () =>
    withPlace(async (place) => {
      const { plan } = await worked(place, 'r1', 'create', { partitionBy: ['p'] });
      const manifest = await finalize(place.store, plan);
      expect(manifestSchema.parse(manifest)).toEqual(manifest);
      expect(manifest.partitionBy).toEqual(['p']);
      expect(manifest.parts).toHaveLength(2 * plan.totals.parts);
      expect(manifest.parts.slice(0, 2)).toMatchObject([
        { key: 'p=a%2Fb/part-r1-000000-000000.parquet', partition: { p: 'a/b' } },
        {
          key: 'p=__HIVE_DEFAULT_PARTITION__/part-r1-000000-000000.parquet',
          partition: { p: null },
        },
      ]);
      const inParts = manifest.parts.reduce((sum, { rows }) => sum + rows.scored, 0);
      expect(inParts).toBe(manifest.rows.scored);
    }));

  it('keeps earlier runs when appending', () =>
    withPlace(async (place) => {
      await finalize(place.store, (await worked(place, 'r1')).plan);
      const { plan } = await worked(place, 'r2', 'append');
      await finalize(place.store, plan);
      expect(await keysOf(place.store, 'part-')).toHaveLength(2 * plan.totals.parts);
      expect(await place.store.head(manifestKey('r1'))).toBeDefined();
    }));

  it('makes one manifest of two schedulers', () =>
    withPlace(async (place) => {
      const { plan } = await worked(place, 'r1');
      const all = await Promise.all(
        [1, 2, 3].map((now) => finalize(new FileStore(place.out), plan, 0, now)),
      );
      expect(new Set(all.map(({ finishedAt }) => finishedAt)).size).toBe(1);
    }));

  it('applies the budget of rejected rows, and can be repeated with another', () =>
    withPlace(async (place) => {
      const { plan } = await worked(place, 'r1', 'create', { rejecting: true });
      await expect(finalize(place.store, plan, '5%')).rejects.toMatchObject({
        code: 'REJECTED_OVER_BUDGET',
        message: expect.stringMatching(/^99\d of 10000 rows \(10\.?0?%|9\.\d%\).*allowed are 500/),
        where: expect.stringContaining('_shardmill/r1/rejected/'),
      });
      expect(await place.store.head(manifestKey('r1'))).toBeUndefined();
      const manifest = await finalize(place.store, plan, '10%');
      expect(manifest.rejected).toHaveLength(plan.totals.parts);
    }));
});

describe('finalizing refuses', () => {
  const withRecords = (
    change: (record: ShardRecord) => ShardRecord,
    expected: { code: string; message?: RegExp },
  ) =>
    withPlace(async (place) => {
      const { plan } = await worked(place, 'r1', 'create', {
        change: (record) => (record.shard === 1 ? change(record) : record),
      });
      await expect(finalize(place.store, plan)).rejects.toMatchObject({
        code: expected.code,
        message: expect.stringMatching(expected.message ?? /./),
      });
      expect(await place.store.head(manifestKey('r1'))).toBeUndefined();
      expect(await place.store.head(SUCCESS_KEY)).toBeUndefined();
    });
  const inPart = (
    record: ShardRecord,
    change: (rows: ShardRecord['rows']) => ShardRecord['rows'],
  ): ShardRecord => ({
    ...record,
    parts: record.parts.map((p) => (p.part === 1 ? { ...p, rows: change(p.rows) } : p)),
  });

  it('a part whose rows do not add up', () =>
    withRecords((r) => inPart(r, (rows) => ({ ...rows, scored: rows.scored - 1 })), {
      code: 'ROW_ACCOUNTING',
      message: /shard 1, part 1/,
    }));
  it('a part that read other rows than planned', () =>
    withRecords(
      (r) => inPart(r, (rows) => ({ ...rows, read: rows.read - 1, scored: rows.scored - 1 })),
      { code: 'ROW_ACCOUNTING', message: /shard 1, part 1: \d+ rows were read, \d+ are planned/ },
    ));
  it('a shard whose rows are not those of its parts', () =>
    withRecords((r) => ({ ...r, rows: { ...r.rows, scored: r.rows.scored - 1 } }), {
      code: 'ROW_ACCOUNTING',
      message: /shard 1/,
    }));
  it('rejected rows that are kept nowhere', () =>
    withRecords((r) => inPart(r, (rows) => ({ ...rows, scored: rows.scored - 1, rejected: 1 })), {
      code: 'ROW_ACCOUNTING',
      message: /kept nowhere/,
    }));
  it('a record of another plan', () =>
    withRecords((r) => ({ ...r, planDigest: 'other' }), { code: 'PLAN_MISMATCH' }));
  it('a record without a part', () =>
    withRecords((r) => ({ ...r, parts: r.parts.slice(1) }), { code: 'PLAN_MISMATCH' }));
  it('a part twice', () =>
    withRecords((r) => ({ ...r, parts: r.parts.flatMap(() => r.parts.slice(0, 1)) }), {
      code: 'PLAN_MISMATCH',
    }));

  it('a missing record, naming its shard', () =>
    withPlace(async (place) => {
      const { plan } = await worked(place, 'r1');
      await rm(path.join(place.out, shardRecordKey('r1', 1)));
      await expect(finalize(place.store, plan)).rejects.toMatchObject({
        code: 'SHARDS_FAILED',
        message: `1 of ${plan.totals.shards} shards are not done: 1`,
      });
    }));

  const withFiles = (
    change: (files: PartFile[]) => PartFile[] | undefined,
    expected: { code: string; message: RegExp },
  ) =>
    withPlace(async (place) => {
      const { plan } = await worked(place, 'r1', 'create', {
        partitionBy: ['p'],
        change: (record) => ({
          ...record,
          parts: record.parts.map(({ files = [], ...part }) => {
            const changed = change(files);
            return changed === undefined ? part : { ...part, files: changed };
          }),
        }),
      });
      await expect(finalize(place.store, plan)).rejects.toMatchObject({
        code: expected.code,
        message: expect.stringMatching(expected.message),
      });
    });

  it('a record that does not name the files of a part', () =>
    withFiles(() => undefined, { code: 'PLAN_MISMATCH', message: /without the files/ }));
  it('files with other rows than were scored', () =>
    withFiles((files) => files.slice(1), {
      code: 'ROW_ACCOUNTING',
      message: /shard 0, part 0: \d+ rows in its files, \d+ were scored/,
    }));
  it('a file that does not lie in the folder of its values', () =>
    withFiles((files) => files.map((file) => ({ ...file, partition: { p: 'other' } })), {
      code: 'PLAN_MISMATCH',
      message: /is named p=a%2Fb\/part-.*, expected p=other\/part-/,
    }));

  it('a file or an index that is gone, or that no record names', () =>
    withPlace(async (place) => {
      const { plan } = await worked(place, 'r1', 'create', { partitionBy: ['p'] });
      const file = partFileKey('p=b/', 'r1', 0, 0);
      for (const extra of [file, partIndexKey('r1', 7, 0)]) {
        await place.store.create(extra, Buffer.from('x'));
        await expect(finalize(place.store, plan)).rejects.toMatchObject({
          code: 'OUTPUT_CONFLICT',
          message: 'no shard record names this part',
        });
        await place.store.delete(extra);
      }
      await place.store.delete(partIndexKey('r1', 0, 0));
      await expect(finalize(place.store, plan)).rejects.toMatchObject({
        message: expect.stringContaining('gone'),
        where: expect.stringContaining('_shardmill/r1/parts/'),
      });
    }));

  it('a part that is gone, has changed, or that no record names', () =>
    withPlace(async (place) => {
      const { plan } = await worked(place, 'r1');
      const extra = partKey('r1', 7, 0);
      await place.store.create(extra, Buffer.from('x'));
      await expect(finalize(place.store, plan)).rejects.toMatchObject({ code: 'OUTPUT_CONFLICT' });
      await place.store.delete(extra);
      await appendFile(path.join(place.out, partKey('r1', 0, 0)), 'x');
      await expect(finalize(place.store, plan)).rejects.toMatchObject({
        message: expect.stringContaining('bytes'),
      });
      await place.store.delete(partKey('r1', 0, 0));
      await expect(finalize(place.store, plan)).rejects.toMatchObject({
        message: expect.stringContaining('gone'),
      });
    }));
});
