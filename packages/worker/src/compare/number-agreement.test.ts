import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import { type NumberAgreement, numberAgreement } from './number-agreement.js';

async function agreement(rows: string): Promise<NumberAgreement> {
  const database = await DuckDBInstance.create(':memory:', { threads: '1' });
  try {
    const connection = await database.connect();
    await connection.run(`CREATE TABLE t AS SELECT x::DOUBLE AS x, y::DOUBLE AS y FROM (${rows})`);
    return await numberAgreement(connection, 't', 'x', 'y');
  } finally {
    database.closeSync();
  }
}

it('has the means, the mean difference and the rank correlation, ties by their mean rank', async () => {
  // scipy.stats.spearmanr([1, 2, 2, 4, 5], [2, 1, 3, 3, 10]).statistic is 0.7631578947368421
  const rows = 'VALUES (1, 2), (2, 1), (2, 3), (4, 3), (5, 10)';
  const { rankCorrelation, ...rest } = await agreement(`FROM (${rows}) v(x, y)`);
  expect(rankCorrelation).toBeCloseTo(0.763157894736842, 12);
  expect(rest).toEqual({ means: { scores: 2.8, expected: 3.8 }, meanDifference: 1.8 });
});

it('looks at rows alone that are finite on both sides', async () => {
  const rows = `VALUES ('1', '1'), ('2', '2'), ('nan', '5'), ('3', 'inf'), (NULL, '1'), ('4', NULL)`;
  const found = await agreement(`FROM (${rows}) v(x, y)`);
  expect(found).toEqual({
    means: { scores: 1.5, expected: 1.5 },
    meanDifference: 0,
    rankCorrelation: 1,
  });
});

it('has no rank correlation of a column with one value, and nothing of no rows', async () => {
  expect(await agreement('SELECT i AS x, 7 AS y FROM range(5) r(i)')).toMatchObject({
    rankCorrelation: null,
  });
  expect(await agreement('SELECT NULL AS x, 1 AS y FROM range(3) r(i)')).toEqual({
    means: { scores: null, expected: null },
    meanDifference: null,
    rankCorrelation: null,
  });
});
