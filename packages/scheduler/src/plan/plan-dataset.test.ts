import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Stores } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { fakeBinder, withFolder, writeParquet } from '../testing/parquet.js';
import { listInput } from './list/list-input.js';
import { planDataset } from './plan-dataset.js';

const MIXED = `SELECT 1::TINYINT AS small, 1.5::DECIMAL(10,2) AS price, 2::HUGEINT AS wide, 'x' AS text, true AS flag,
  'red'::ENUM('red', 'blue') AS colour, DATE '2026-01-01' AS day, [1] AS list, 1 AS "a ""b""" FROM range(5000)`;

async function planOf(base: string, columns?: readonly string[]) {
  const stores = new Stores();
  const { sources: _, ...listing } = await listInput({
    stores,
    uri: path.join(base, 'data'),
    base,
    hivePartitioning: true,
  });
  const binder = fakeBinder(() => ({}));
  const describeInput: typeof binder.describeInput = (file) => binder.describeInput(file);
  return planDataset({ listing, columns, describeInput, stores });
}

const inData = (files: Readonly<Record<string, string>>, use: (base: string) => Promise<void>) =>
  withFolder(async (base) => {
    for (const [name, query] of Object.entries(files)) {
      const file = path.join(base, 'data', name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeParquet(file, query, 'ROW_GROUP_SIZE 2048');
    }
    await use(base);
  });

describe('the plan of a profile without a job', () => {
  it('takes columns of numbers, booleans and texts as they are, and all rows', () =>
    inData({ 'ds=7/a.parquet': MIXED }, async (base) => {
      const { features, profile, leftOut, rows, shards, input } = await planOf(base);
      expect(
        features.map(({ input: name, type, columns }) => [name, type, columns[0]?.sql]),
      ).toEqual([
        ['small', 'int8', '"small"'],
        ['price', 'float64', 'CAST("price" AS DOUBLE)'],
        ['wide', 'float64', expect.anything()],
        ['text', 'string', '"text"'],
        ['flag', 'bool', '"flag"'],
        ['colour', 'string', expect.anything()],
        ['a "b"', 'int32', '"a ""b"""'],
        ['ds', 'int64', '"ds"'],
      ]);
      expect(leftOut.map(({ name }) => name)).toEqual(['day', 'list']);
      expect(profile).toMatchObject({ sampling: { every: 1 }, omitted: 2 });
      expect(profile.features.map(({ name }) => name)).toContain('a "b"');
      expect(input.used).not.toContain('day');
      expect([rows, shards.reduce((sum, shard) => sum + shard.rows, 0)]).toEqual([5000, 5000]);
    }));

  it('takes the columns that are named, in whatever case, and reads no other', () =>
    inData({ 'a.parquet': MIXED }, async (base) => {
      const { features, input, profile } = await planOf(base, ['TEXT', 'small', 'text']);
      expect(features.map(({ input: name }) => name)).toEqual(['text', 'small']);
      expect(input.used).toEqual(['text', 'small']);
      expect(profile.omitted).toBe(0);
    }));

  it('has one type for a column that files have with several, and nulls where a file lacks it', () =>
    inData(
      {
        'a.parquet': 'SELECT 1::INTEGER AS a FROM range(10)',
        'b.parquet': 'SELECT 2.5::DOUBLE AS a, 1 AS b FROM range(10)',
      },
      async (base) => {
        const { features, input } = await planOf(base);
        expect(features.map(({ type }) => type)).toEqual(['float64', 'int32']);
        expect(input.layouts).toHaveLength(2);
      },
    ));

  it('takes the first 256 columns and says so, or as many as are named', () => {
    const names = Array.from({ length: 258 }, (_, i) => `c${i}`);
    const query = `SELECT ${names.map((name) => `1 AS ${name}`).join(', ')}`;
    return inData({ 'a.parquet': query }, async (base) => {
      const { profile, notices } = await planOf(base);
      expect([profile.features.length, profile.omitted]).toEqual([256, 2]);
      expect(notices).toEqual([expect.stringContaining('first 256 of 258 columns')]);
      const named = await planOf(base, names);
      expect([named.profile.features.length, named.notices]).toEqual([258, []]);
    });
  });

  it.each([
    [['texd'], 'COLUMN_NOT_FOUND', 'the data set has no column "texd". Did you mean "text"?'],
    [['text', 'day'], 'PROFILE_COLUMN_TYPE', 'the column "day" is DATE; expected numbers'],
  ])('refuses %j with %s', (columns, code, message) =>
    inData({ 'a.parquet': MIXED }, async (base) => {
      await expect(planOf(base, columns)).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message),
      });
    }),
  );

  it('refuses a data set without any such column', () =>
    inData({ 'a.parquet': "SELECT DATE '2026-01-01' AS day" }, async (base) => {
      await expect(planOf(base)).rejects.toMatchObject({
        code: 'PROFILE_COLUMN_TYPE',
        message: expect.stringContaining('"day" is DATE'),
      });
    }));
});
