import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type BoundJob,
  type Column,
  type JobDefinition,
  type Predicate,
  ShardmillError,
  TAIL_BYTES,
} from '@shardmill/core';
import { planPageSchema, planSchema } from '@shardmill/core/schemas';
import { describe, expect, it } from 'vitest';
import { CountingStores } from '../testing/counting-stores.js';
import { jobOf } from '../testing/job.js';
import { fakeBinder, withFolder, writeParquet } from '../testing/parquet.js';
import { makePlan } from './make-plan.js';
import { commonType } from './columns/common-type.js';

async function data(base: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, query] of Object.entries(files)) {
    const file = path.join(base, 'data', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeParquet(file, query, 'ROW_GROUP_SIZE 2048');
  }
}

async function plan(
  base: string,
  bind: (columns: readonly Column[]) => Partial<BoundJob> = () => ({ used: ['a'] }),
  change: Partial<JobDefinition> = {},
  more: { runId?: string; now?: Date; params?: Record<string, string> } = {},
) {
  const binder = fakeBinder(bind);
  const stores = new CountingStores();
  const made = await makePlan({
    job: jobOf(change),
    jobFile: path.join(base, 'job.yaml'),
    params: more.params ?? {},
    runId: more.runId ?? 'r1',
    now: more.now ?? new Date(0),
    binder,
    stores,
  });
  return { ...made, binder, read: stores.counts };
}

const missingColumn = (name: string, columns: readonly Column[]): void => {
  if (!columns.some((column) => column.name === name)) {
    throw new ShardmillError('COLUMN_NOT_FOUND', `no ${name}`);
  }
};

describe('a plan', () => {
  it('is of its own format, pins files, and counts what there is to do', () =>
    withFolder(async (base) => {
      await data(base, {
        'day=1/a.parquet': 'SELECT i AS a, 1 AS b FROM range(5000) r(i)',
        'day=2/a.parquet': 'SELECT i AS a, 1 AS b FROM range(3000) r(i)',
      });
      const made = await plan(base);
      expect(planSchema.parse(made.plan)).toEqual(made.plan);
      expect(made.pages.map((page) => planPageSchema.parse(page))).toEqual(made.pages);
      expect(made.plan.totals).toMatchObject({
        files: 2,
        rowGroups: 5,
        rows: 8000,
        prunedRows: 0,
        prunedRowGroups: 0,
        shards: 1,
        parts: 1,
      });
      expect(made.plan.scoring.input).toMatchObject({
        columns: [
          { name: 'a', type: 'BIGINT' },
          { name: 'b', type: 'INTEGER' },
          { name: 'day', type: 'BIGINT' },
        ],
        layouts: [
          [
            { name: 'a', type: 'BIGINT' },
            { name: 'b', type: 'INTEGER' },
          ],
        ],
      });
      expect(made.plan.scoring.output.uri).toBe(path.join(base, 'out'));
      expect(made.pages[0]?.shards[0]?.files.map((file) => file.partition)).toEqual([['1'], ['2']]);
      expect(made.binder.described).toHaveLength(1);
    }));

  it('has one digest for one input, whenever and as whatever run it is made', () =>
    withFolder(async (base) => {
      await data(base, { 'a.parquet': 'SELECT i AS a FROM range(5000) r(i)' });
      const first = await plan(base);
      const again = await plan(
        base,
        undefined,
        {},
        {
          runId: 'r2',
          now: new Date(1e12),
          params: { ds: '2026-01-01' },
        },
      );
      expect(again.plan.digest).toBe(first.plan.digest);
      expect(again.pages).toEqual(first.pages);
      const mode = jobOf().output;
      const overwrite = await plan(base, undefined, { output: { ...mode, mode: 'overwrite' } });
      expect(overwrite.plan.digest).toBe(first.plan.digest);
      const smaller = await plan(base, undefined, { plan: { partRows: 2048 } });
      expect(smaller.plan.digest).not.toBe(first.plan.digest);
      await rm(path.join(base, 'data/a.parquet'));
      await data(base, { 'a.parquet': 'SELECT i AS a FROM range(5000) r(i)' });
      expect((await plan(base)).plan.digest).not.toBe(first.plan.digest);
    }));

  it('reads footers only', () =>
    withFolder(async (base) => {
      await data(base, {
        'a.parquet': 'SELECT i AS a, random() AS b FROM range(100000) r(i)',
        'b.parquet': 'SELECT i AS a, random() AS b FROM range(100000) r(i)',
      });
      const made = await plan(base);
      expect(made.plan.totals.bytes).toBeGreaterThan(1_000_000);
      // The first file's footer is read once more than the others: the job is bound to it.
      expect(made.read).toEqual({ reads: 3, bytes: 3 * TAIL_BYTES });
    }));

  it('rules out row groups by statistics and files by partition', () =>
    withFolder(async (base) => {
      await data(base, {
        'day=1/a.parquet': 'SELECT i AS a FROM range(6144) r(i)',
        'day=2/a.parquet': 'SELECT i AS a FROM range(6144) r(i)',
      });
      const predicate: Predicate = {
        kind: 'and',
        terms: [
          { kind: 'compare', column: 'A', op: '>=', value: { type: 'integer', value: 2048n } },
          { kind: 'compare', column: 'day', op: '=', value: { type: 'integer', value: 2n } },
        ],
      };
      const made = await plan(base, () => ({ used: ['a'], predicate, where: 'a >= 2048' }));
      expect(made.plan.totals).toMatchObject({
        rows: 4096,
        prunedRows: 8192,
        prunedRowGroups: 4,
        rowGroups: 6,
      });
      expect(made.pages[0]?.shards[0]?.parts[0]?.slices).toEqual([
        { file: 0, firstRow: 2048, rows: 4096, firstRowGroup: 1, rowGroups: 2 },
      ]);
    }));

  it('has one empty part where no row is left', () =>
    withFolder(async (base) => {
      await data(base, { 'a.parquet': 'SELECT i AS a FROM range(0) r(i)' });
      const made = await plan(base);
      expect(made.plan.totals).toMatchObject({ rows: 0, shards: 1, parts: 1 });
    }));
});

describe('files of different schemas', () => {
  it('are bound again with the columns of all, widened', () =>
    withFolder(async (base) => {
      await data(base, {
        'a.parquet': 'SELECT 1::INTEGER AS a, 1::FLOAT AS f FROM range(10)',
        'b.parquet': "SELECT 'x' AS B, 2::BIGINT AS A, 1::INTEGER AS f FROM range(10)",
      });
      const made = await plan(base);
      expect(made.plan.scoring.input.columns).toEqual([
        { name: 'a', type: 'BIGINT' },
        { name: 'f', type: 'DOUBLE' },
        { name: 'B', type: 'VARCHAR' },
      ]);
      expect(made.binder.bound).toHaveLength(2);
      expect(made.plan.scoring.input.layouts).toHaveLength(2);
      expect(made.pages[0]?.shards[0]?.files.map((file) => file.layout)).toEqual([0, 1]);
    }));

  it('may lack a column that nothing uses, but not one that is used', () =>
    withFolder(async (base) => {
      await data(base, {
        'a.parquet': 'SELECT 1 AS a, 2 AS b',
        'b.parquet': 'SELECT 1 AS a, 2 AS b',
        'c.parquet': 'SELECT 1 AS a',
      });
      await plan(base, () => ({ used: ['a'] }));
      await expect(plan(base, () => ({ used: ['b'] }))).rejects.toMatchObject({
        code: 'INPUT_SCHEMA_MISMATCH',
        message: expect.stringContaining('2 of 3 files have it'),
        where: path.join(base, 'data/c.parquet'),
      });
      const input = { uri: 'data', missingColumns: 'null' as const };
      await plan(base, () => ({ used: ['b'] }), { input });
    }));

  it('are tried with all columns where the first file does not have one', () =>
    withFolder(async (base) => {
      await data(base, { 'a.parquet': 'SELECT 1 AS a', 'b.parquet': 'SELECT 1 AS a, 2 AS b' });
      const bind = (columns: readonly Column[]): Partial<BoundJob> => {
        missingColumn('b', columns);
        return { used: ['b'] };
      };
      const input = { uri: 'data', missingColumns: 'null' as const };
      expect((await plan(base, bind, { input })).plan.totals.rows).toBe(2);
      const never = (columns: readonly Column[]): Partial<BoundJob> => {
        missingColumn('z', columns);
        return {};
      };
      await expect(plan(base, never)).rejects.toMatchObject({ code: 'COLUMN_NOT_FOUND' });
    }));

  it('must agree on the type of a used column', () =>
    withFolder(async (base) => {
      await data(base, {
        'a.parquet': "SELECT 1 AS a, 'x' AS b",
        'b.parquet': 'SELECT 1 AS a, 2 AS b',
      });
      await plan(base, () => ({ used: ['a'] }));
      await expect(plan(base, () => ({ used: ['b'] }))).rejects.toMatchObject({
        code: 'INPUT_SCHEMA_MISMATCH',
        message: expect.stringMatching(
          /"b" is VARCHAR in .*a\.parquet, but INTEGER in .*b\.parquet/,
        ),
      });
    }));

  it('rule out by the values that DuckDB compares after widening', () =>
    withFolder(async (base) => {
      await data(base, {
        'a.parquet': 'SELECT 1.5::DOUBLE AS a',
        'b.parquet': 'SELECT 9007199254740992::BIGINT AS a',
      });
      const equals = (value: bigint): Predicate => ({
        kind: 'compare',
        column: 'a',
        op: '=',
        value: { type: 'integer', value },
      });
      const binding = (value: bigint) => () => ({ used: ['a'], predicate: equals(value) });
      const filesFor = async (value: bigint): Promise<unknown> => {
        const { pages } = await plan(base, binding(value));
        return pages[0]?.shards[0]?.files.map(({ uri }) => path.basename(uri));
      };
      // A file is never ruled out by its own bounds of floats, which do not tell of NaN.
      expect(await filesFor(5n)).toEqual(['a.parquet']);
      expect(await filesFor(9_007_199_254_740_992n)).toEqual(['a.parquet', 'b.parquet']);
    }));

  it('have partition values win over a column of the same name', () =>
    withFolder(async (base) => {
      await data(base, { 'a=7/x.parquet': "SELECT 'file' AS a, 1 AS b" });
      const made = await plan(base);
      expect(made.plan.scoring.input.columns).toEqual([
        { name: 'b', type: 'INTEGER' },
        { name: 'a', type: 'BIGINT' },
      ]);
    }));
});

it('refuses an output inside the input, and a file that is not Parquet', () =>
  withFolder(async (base) => {
    await data(base, { 'a.parquet': 'SELECT 1 AS a' });
    const output = { ...jobOf().output, uri: 'data/out' };
    await expect(plan(base, undefined, { output })).rejects.toMatchObject({
      code: 'OUTPUT_INSIDE_INPUT',
    });
    await writeFile(path.join(base, 'data/b.parquet'), '');
    await expect(plan(base)).rejects.toMatchObject({
      code: 'INPUT_NOT_PARQUET',
      where: path.join(base, 'data/b.parquet'),
    });
  }));

it.each([
  ['INTEGER', 'BIGINT', 'BIGINT'],
  ['UINTEGER', 'INTEGER', 'BIGINT'],
  ['UBIGINT', 'TINYINT', 'HUGEINT'],
  ['UTINYINT', 'USMALLINT', 'USMALLINT'],
  ['FLOAT', 'DOUBLE', 'DOUBLE'],
  ['FLOAT', 'SMALLINT', 'DOUBLE'],
  ['BIGINT', 'UBIGINT', 'HUGEINT'],
  ['BIGINT', 'DOUBLE', 'DOUBLE'],
  ['HUGEINT', 'UHUGEINT', undefined],
  ['DECIMAL(4,2)', 'INTEGER', 'DECIMAL(12,2)'],
  ['DECIMAL(4,2)', 'UBIGINT', 'DECIMAL(22,2)'],
  ['DECIMAL(10,2)', 'DECIMAL(12,2)', 'DECIMAL(12,2)'],
  ['DECIMAL(10,2)', 'DECIMAL(10,6)', 'DECIMAL(14,6)'],
  ['DECIMAL(38,2)', 'DECIMAL(38,3)', undefined],
  ['DECIMAL(38,10)', 'BIGINT', 'DECIMAL(38,10)'],
  ['DECIMAL(38,20)', 'BIGINT', undefined],
  ['DECIMAL(4,2)', 'FLOAT', 'DOUBLE'],
  ['TIMESTAMP', 'TIMESTAMP_NS', 'TIMESTAMP_NS'],
  ['TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_MS'],
  ['TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', undefined],
  ['DATE', 'TIMESTAMP', undefined],
  ['FLOAT[]', 'DOUBLE[]', 'DOUBLE[]'],
  ['INTEGER[][]', 'BIGINT[][]', 'BIGINT[][]'],
  ['FLOAT[]', 'FLOAT', undefined],
  ['FLOAT[3]', 'DOUBLE[]', undefined],
  [
    'STRUCT(a INTEGER, "b, c" VARCHAR)',
    'STRUCT(a BIGINT, "b, c" VARCHAR)',
    'STRUCT(a BIGINT, "b, c" VARCHAR)',
  ],
  ['STRUCT(a INTEGER)', 'STRUCT(b INTEGER)', undefined],
  ['MAP(VARCHAR, INTEGER)', 'MAP(VARCHAR, DOUBLE)', 'MAP(VARCHAR, DOUBLE)'],
  ['"NULL"', 'VARCHAR', 'VARCHAR'],
  ['"NULL"[]', 'STRUCT(a DATE)[]', 'STRUCT(a DATE)[]'],
  ['BLOB', 'VARCHAR', undefined],
  ['BOOLEAN', 'TINYINT', undefined],
])('the common type of %s and %s is %s', (a, b, common) => {
  expect(commonType(a, b)).toBe(common);
  expect(commonType(b, a)).toBe(common);
});
