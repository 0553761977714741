import type { ColumnUse, TensorInfo } from '@shardmill/core';
import { expect, it } from 'vitest';
import { useParser } from '../../testing/sql.js';
import { columnUseOf } from './column-use.js';
import { SqlScope } from '../sql-scope.js';

const parse = useParser();

const COLUMNS = ['id', 'country', 'Age', 'income', 'score', 'place'].map((name) => ({
  name,
  type: name === 'place' ? 'STRUCT(city VARCHAR)' : 'DOUBLE',
}));
const OUTPUTS: TensorInfo[] = ['label', 'probabilities', 'score'].map((name) => ({
  name,
  type: 'float32',
  shape: ['N'],
}));

async function useOf(
  outputs: Readonly<Record<string, string>>,
  others: Readonly<Record<string, string>> = {},
): Promise<ColumnUse> {
  const parsed = [];
  for (const [name, sql] of Object.entries(outputs)) {
    parsed.push({ name, expression: await parse(sql) });
  }
  const own = [];
  for (const [where, sql] of Object.entries(others)) {
    own.push({ where, expression: await parse(sql) });
  }
  return columnUseOf(own, parsed, new SqlScope(COLUMNS, OUTPUTS));
}

it('the columns of where and those of features and transforms are apart', async () => {
  const use = await useOf(
    {},
    {
      'input.where': "country = 'AE' AND input.age > 17",
      'features.x[0]': 'ln(income)',
      'features.x[1]': 'Age',
      'transform.columns.t': 'income + 1',
    },
  );
  expect(use.where).toEqual(['country', 'Age']);
  expect(use.features).toEqual(['income', 'Age']);
});

it.each<[what: string, sql: string, expected: Partial<ColumnUse['outputs'][number]>]>([
  ['a column', 'ID', { columns: ['id'], modelOutputs: [], plain: true }],
  ['a column of the input', 'input."age"', { columns: ['Age'], plain: true }],
  ['an output', 'label', { columns: [], modelOutputs: ['label'], plain: true }],
  [
    'an element of an output',
    'probabilities[2]',
    { modelOutputs: ['probabilities'], plain: false },
  ],
  ['what only the model has', 'model.score', { columns: [], modelOutputs: ['score'], plain: true }],
  ['what only the input has', 'input.score', { columns: ['score'], modelOutputs: [], plain: true }],
  ['both in one', 'label * income', { columns: ['income'], modelOutputs: ['label'], plain: false }],
  ['a field', 'place.city', { columns: ['place'], plain: false }],
  ['a constant', "'income'", { columns: [], modelOutputs: [], plain: false }],
  ['a parameter of a function', 'list_transform([1], age -> age + id)', { columns: ['id'] }],
])('%s', async (_what, sql, expected) => {
  expect((await useOf({ result: sql })).outputs).toMatchObject([expected]);
});

it('an earlier output column is what it is made of', async () => {
  const { outputs } = await useOf({
    risk: 'probabilities[2] * income',
    copy: 'risk',
    band: "CASE WHEN RISK > 1 THEN 'high' ELSE country END",
  });
  expect(outputs.slice(1)).toEqual([
    { columns: ['income'], modelOutputs: ['probabilities'], plain: false },
    { columns: ['income', 'country'], modelOutputs: ['probabilities'], plain: false },
  ]);
});
