import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Column, FileStore, type JobDefinition, Stores } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { addOf, commit, metaDataOf, PROTOCOL, removeOf } from '../testing/delta-table.js';
import { jobOf } from '../testing/job.js';
import { fakeBinder, withFolder, writeParquet } from '../testing/parquet.js';
import { makePlan } from './make-plan.js';

const COLUMNS = [
  { name: 'a', type: 'integer' },
  { name: 'late', type: 'double' },
  { name: 'day', type: 'date' },
] as const;

async function planTable(
  base: string,
  used: readonly string[],
  input: Partial<JobDefinition['input']> = {},
  schema: Parameters<typeof metaDataOf>[0] = COLUMNS,
) {
  const folder = path.join(base, 'data');
  await mkdir(folder, { recursive: true });
  const write = async (name: string, query: string) => {
    await writeParquet(path.join(folder, name), query);
    return (await stat(path.join(folder, name))).size;
  };
  const old = await write('old.parquet', 'SELECT i::INT AS a, 1 AS dropped FROM range(10) r(i)');
  const kept = await write('kept.parquet', 'SELECT i::INT AS a FROM range(100) r(i)');
  const later = await write(
    'later.parquet',
    'SELECT i::INT AS a, i::DOUBLE AS late FROM range(50) r(i)',
  );
  const store = new FileStore(folder);
  const on = (day: string) => ({ partitionValues: { day } });
  await commit(store, 0, [
    PROTOCOL,
    metaDataOf(schema, { partitionColumns: ['day'] }),
    addOf('old.parquet', old, on('2026-01-01')),
    addOf('kept.parquet', kept, on('2026-01-01')),
  ]);
  await commit(store, 1, [
    removeOf('old.parquet'),
    addOf('later.parquet', later, on('2026-01-02')),
  ]);
  const binder = fakeBinder(() => ({ used: [...used] }));
  const made = await makePlan({
    job: jobOf({ input: { uri: 'data', ...input } }),
    jobFile: path.join(base, 'job.yaml'),
    params: {},
    runId: 'r1',
    now: new Date(0),
    binder,
    stores: new Stores(),
  });
  const columns: readonly Column[] = binder.bound.at(-1) ?? [];
  return { ...made, columns };
}

describe('a plan over a table', () => {
  it('has the files of the version, and the columns of the table', () =>
    withFolder(async (base) => {
      const { plan, pages, columns } = await planTable(base, ['a', 'late', 'day']);
      expect(plan.totals).toMatchObject({ files: 2, rows: 150 });
      expect(columns).toEqual([
        { name: 'a', type: 'INTEGER' },
        { name: 'late', type: 'DOUBLE' },
        { name: 'day', type: 'DATE' },
      ]);
      expect(plan.notices).toEqual(['the input is version 1 of a table of Delta Lake']);
      const files = pages.flatMap(({ shards }) => shards.flatMap((shard) => shard.files));
      expect(files.map(({ uri, partition }) => [path.basename(uri), partition])).toEqual([
        ['kept.parquet', ['2026-01-01']],
        ['later.parquet', ['2026-01-02']],
      ]);
      const first = await planTable(base, ['a'], { version: 0 });
      expect(first.plan.totals).toMatchObject({ files: 2, rows: 110 });
      // What only the files have is no column.
      expect(first.columns.map(({ name }) => name)).toEqual(['a', 'late', 'day']);
    }));

  it('is refused where files have another type than the table says', () =>
    withFolder(async (base) => {
      const changed = [
        { name: 'a', type: 'string' },
        { name: 'day', type: 'date' },
      ] as const;
      await expect(planTable(base, ['a'], {}, changed)).rejects.toMatchObject({
        code: 'INPUT_SCHEMA_MISMATCH',
        message: expect.stringContaining('column "a" is VARCHAR in the schema of'),
      });
    }));

  it('is refused where a version is wanted of what is no table', () =>
    withFolder(async (base) => {
      await mkdir(path.join(base, 'plain'));
      await writeParquet(path.join(base, 'plain/a.parquet'), 'SELECT 1 AS a');
      await expect(planTable(base, ['a'], { uri: 'plain', version: 3 })).rejects.toMatchObject({
        code: 'TABLE_VERSION_NOT_FOUND',
        message: expect.stringContaining('input.version is given, but the input is no table'),
      });
      await expect(
        planTable(base, ['a'], {
          uri: ['data/kept.parquet', 'data/later.parquet'],
          timestamp: '2026-01-01',
        }),
      ).rejects.toMatchObject({ code: 'TABLE_VERSION_NOT_FOUND' });
    }));
});
