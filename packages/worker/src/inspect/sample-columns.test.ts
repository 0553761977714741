import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sampleColumns } from './sample-columns.js';

let instance: DuckDBInstance;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
});
afterAll(() => instance.closeSync());

const rowsOf = async (sql: string): Promise<unknown[][]> =>
  (await (await instance.connect()).runAndReadAll(sql)).getRows();

it('distinguishes identifiers, measures and categories, whatever the columns are called', async () => {
  const from = `SELECT i AS "order", i / 2 AS "a b", i * 1.0::DOUBLE AS whole,
      if(i = 3, NULL, ['x', 'é', 'Z'][1 + i % 3]) AS word, i::VARCHAR AS many, [i] AS list,
      if(i = 1, 'nan'::DOUBLE, i) AS gaps
    FROM range(40) AS t(i)`;
  const types = ['BIGINT', 'DOUBLE', 'DOUBLE', 'VARCHAR', 'VARCHAR', 'BIGINT[]', 'DOUBLE'];
  const base = { rows: 40, nulls: 0, distinct: 40, values: null };
  expect(await sampleColumns(rowsOf, from, types)).toEqual([
    { ...base, whole: true },
    { ...base, whole: false },
    { ...base, whole: true },
    { rows: 40, nulls: 1, distinct: 3, whole: false, values: ['Z', 'x', 'é'] },
    { ...base, whole: false },
    undefined,
    { ...base, whole: true },
  ]);
});

it('reports nothing for no rows', async () => {
  expect(await sampleColumns(rowsOf, 'SELECT 1 LIMIT 0', ['INTEGER'])).toEqual([undefined]);
});
