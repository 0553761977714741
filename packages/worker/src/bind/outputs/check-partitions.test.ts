import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Binder } from '../binder.js';
import { checkPartitions } from './check-partitions.js';
import { loadFunctionRules } from '../../sql/function-rules.js';

const COLUMNS = [
  { name: 'country', type: 'VARCHAR' },
  { name: 'ts', type: 'TIMESTAMP' },
  { name: 'place', type: 'STRUCT(city VARCHAR)' },
];

let instance: DuckDBInstance;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
});
afterAll(() => instance.closeSync());

/** Checks partitions by output columns of these types, by their names. */
async function check(
  columns: Record<string, [sql: string, type: string]>,
  partitionBy = Object.keys(columns).slice(0, 1),
): Promise<void> {
  const connection = await instance.connect();
  try {
    const binder = new Binder(connection, await loadFunctionRules(connection), COLUMNS);
    const all = Object.entries({ ...columns, score: ['model.score', 'FLOAT'] as const });
    const parsed = await binder.parseOutputs(new Map(all.map(([name, [sql]]) => [name, sql])));
    const outputs = all.map(([name, [sql, type]]) => ({ name, sql, type }));
    checkPartitions(partitionBy, parsed, outputs, COLUMNS);
  } finally {
    connection.closeSync();
  }
}

describe('partition columns', () => {
  it.each([
    ['country', 'VARCHAR'],
    ['input."country"', 'VARCHAR'],
    ['cast(ts AS DATE)', 'DATE'],
    ['place.city', 'VARCHAR'],
    ['year(ts)', 'BIGINT'],
    ["country = 'DE'", 'BOOLEAN'],
    ["'2026-11'", 'VARCHAR'],
  ])('may be %s', (sql, type) => check({ p: [sql, type] }));

  it.each([
    [
      'an output of the model',
      'model.score > 0.5',
      'BOOLEAN',
      /"model.score".*no column of the in/,
    ],
    ['one by its name alone', 'if(score > 0, 1, 0)', 'INTEGER', /"p" uses "score"/],
    ['where a row comes from', '_file', 'VARCHAR', /"p" uses "_file"/],
    ['a number that is not whole', '1.5', 'DECIMAL(2,1)', /"p" is DECIMAL\(2,1\)/],
    ['a time', 'ts', 'TIMESTAMP', /"p" is TIMESTAMP/],
  ])('may not be %s', async (_what, sql, type, message) => {
    await expect(check({ p: [sql, type] })).rejects.toMatchObject({
      code: 'PARTITION_COLUMN',
      message: expect.stringMatching(message),
      where: 'output.partitionBy',
    });
  });

  it('may not use an output column before them, which may be of the model', async () => {
    const columns: Parameters<typeof check>[0] = {
      band: ['round(model.score)', 'FLOAT'],
      p: ['band > 1', 'BOOLEAN'],
    };
    await expect(check(columns, ['p'])).rejects.toMatchObject({ code: 'PARTITION_COLUMN' });
  });

  it('are output columns, each named once, by names that need no escaping', async () => {
    const columns: Parameters<typeof check>[0] = {
      country: ['country', 'VARCHAR'],
      _c: ['country', 'VARCHAR'],
    };
    const refused = (partitionBy: string[]) => expect(check(columns, partitionBy)).rejects;
    await refused(['Country']).toMatchObject({ message: expect.stringContaining('"country"') });
    await refused(['country', 'country']).toMatchObject({ message: '"country" is named twice' });
    await refused(['_c']).toMatchObject({ remedy: 'Give the output column another name.' });
    await refused(['country', '_c', 'score']).toMatchObject({ code: 'PARTITION_COLUMN' });
  });

  it('leave a column for the files', async () => {
    const outputs = [{ name: 'a', sql: "'x'", type: 'VARCHAR' }];
    const expression = { sql: "'x'", references: [], tree: {} };
    expect(() => checkPartitions(['a'], [{ name: 'a', expression }], outputs, [])).toThrow(
      expect.objectContaining({ message: expect.stringContaining('no column is left') }),
    );
  });
});
