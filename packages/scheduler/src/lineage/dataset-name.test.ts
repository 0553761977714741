import { expect, it } from 'vitest';
import { datasetName, inputNames } from './dataset-name.js';

it.each([
  ['s3://lake/events/ds=2026-01-01', 's3://lake', 'events/ds=2026-01-01'],
  ['s3://lake', 's3://lake', '/'],
  ['/data/events/', 'file', '/data/events'],
  ['/', 'file', '/'],
])('%s is named %s and %s', (location, namespace, name) =>
  expect(datasetName(location)).toEqual({ namespace, name }),
);

it.each([
  [['s3://lake/events/*.parquet'], ['events']],
  [['s3://lake/events/ds=*/part-?.parquet', 's3://lake/events/[ab]/x.parquet'], ['events']],
  [['s3://lake/*'], ['/']],
  [['/*.parquet'], ['/']],
  [
    ['/data/a.parquet', '/data/b.parquet'],
    ['/data/a.parquet', '/data/b.parquet'],
  ],
])('the input %j is the datasets %j', (locations, names) =>
  expect(inputNames(locations).map(({ name }) => name)).toEqual(names),
);

it('of many locations the folder above all of them is named, one for each bucket', () => {
  const locations = ['s3://a/x/y', 's3://b/x', '/data'].flatMap((folder) =>
    Array.from({ length: 5 }, (_, index) => `${folder}/${index}/f.parquet`),
  );
  expect(inputNames(locations)).toEqual([
    { namespace: 's3://a', name: 'x/y' },
    { namespace: 's3://b', name: 'x' },
    { namespace: 'file', name: '/data' },
  ]);
});
