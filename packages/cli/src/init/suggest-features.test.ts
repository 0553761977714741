import type { ModelDescription } from '@shardmill/core';
import { expect, it } from 'vitest';
import { type KnownColumn, suggestFeatures, suggestOutputColumns } from './suggest-features.js';

const column = (name: string, type = 'DOUBLE', nulls = 0): KnownColumn => ({ name, type, nulls });
const input = (name: string, shape: (number | string)[]) =>
  ({ name, type: 'float32', shape }) as const;
const features = (
  inputs: ReturnType<typeof input>[],
  columns: KnownColumn[],
): [key: string, value: unknown, off: boolean][] =>
  suggestFeatures({ inputs }, columns).map(({ key, value, off }) => [key, value, off ?? false]);

it('a column of the same name needs no entry, only a comment', () => {
  const [only] = suggestFeatures({ inputs: [input('age', [-1, 1])] }, [column('age')]);
  expect(only).toMatchObject({ off: true, comment: 'Matched by name: age.' });
});

it('a column with nulls is shown with a way to fill them', () => {
  expect(features([input('age', [-1, 1])], [column('age', 'DOUBLE', 11)])).toEqual([
    ['age', 'coalesce(age, 0)', true],
  ]);
});

it('a packed input takes the numeric columns that are left, in their order', () => {
  const columns = [column('id', 'VARCHAR'), column('a'), column('Age'), column('b b', 'INTEGER')];
  expect(features([input('age', [-1]), input('x', [-1, 2])], columns)).toEqual([
    ['age', 'Age', false],
    ['x', ['a', '"b b"'], false],
  ]);
});

it('says how many columns are missing for a packed input', () => {
  const [only] = suggestFeatures({ inputs: [input('x', ['', 3])] }, [column('a')]);
  expect(only?.comment).toContain('3 expressions are needed, only 1 numeric columns are left');
});

it('an embedding takes the list column', () => {
  const columns = [column('id', 'BIGINT'), column('vector', 'FLOAT[]')];
  expect(features([input('x', [-1, 384])], columns)).toEqual([['x', 'vector', false]]);
});

it('the result has an identifier and every tensor output, told apart from input columns', () => {
  const outputs: ModelDescription['outputs'] = [
    { name: 'label', type: 'int64', shape: [-1] },
    { name: 'probabilities', type: 'float32', shape: [-1, 2] },
    { name: 'embedding', type: 'float32', shape: [-1, 8] },
    { name: 'map', type: 'non-tensor' },
  ];
  const entries = suggestOutputColumns({ outputs }, [column('label'), column('row_id', 'BIGINT')]);
  expect(entries.map(({ key, value }) => [key, value])).toEqual([
    ['row_id', 'row_id'],
    ['model_label', 'model.label'],
    ['score', 'probabilities[2]'],
    ['embedding', 'embedding'],
  ]);
});
