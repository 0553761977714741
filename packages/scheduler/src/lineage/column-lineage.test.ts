import { expect, it } from 'vitest';
import { columnLineage } from './column-lineage.js';

const use = {
  where: [],
  features: Array.from({ length: 100 }, (_, index) => `f${index}`),
  outputs: Array.from({ length: 10 }, () => ({
    columns: [],
    modelOutputs: ['y'],
    plain: true,
  })),
};
const columns = use.outputs.map((_, index) => `c${index}`);
const inputs = [{ namespace: 's3://lake', name: 'a' }];
const model = { namespace: 'file', name: '/m.onnx' };

it('gives what the model reads for each column that uses its outputs', () => {
  const { fields, dataset } = columnLineage({ use, columns, inputs, model }, 1000);
  expect(fields['c9']?.inputFields.map(({ field }) => field)).toEqual(['y', ...use.features]);
  expect(dataset).toEqual([]);
});

it('gives it once for all columns where that would be too much', () => {
  const { fields, dataset } = columnLineage({ use, columns, inputs, model }, 999);
  expect(fields['c9']?.inputFields.map(({ field }) => field)).toEqual(['y']);
  expect(dataset.map(({ field }) => field)).toEqual(use.features);
});
