import { expect, it } from 'vitest';
import { markerLocations } from './marker-locations.js';

it.each([
  ['_SUCCESS', 'data', ['/jobs/data/_SUCCESS']],
  ['_SUCCESS', '/lake/a.parquet', ['/lake/_SUCCESS']],
  ['_SUCCESS', '/lake/ds=*/*.parquet', ['/lake/_SUCCESS']],
  ['done/ok', 's3://lake/in/ds=1/', ['s3://lake/in/ds=1/done/ok']],
  ['_SUCCESS', 's3://lake', ['s3://lake/_SUCCESS']],
  ['_SUCCESS', 's3://lake/*.parquet', ['s3://lake/_SUCCESS']],
  ['_SUCCESS', 's3://lake/in/{a,b}/*', ['s3://lake/in/_SUCCESS']],
  ['_SUCCESS', ['a', 'b/x.parquet', 'a/'], ['/jobs/a/_SUCCESS', '/jobs/b/_SUCCESS']],
  ['s3://other/done', ['a', 'b'], ['s3://other/done']],
  ['/done', 'a', ['/done']],
])('marker %s of %o is looked for at %o', (marker, uri, locations) => {
  expect(markerLocations(marker, uri, '/jobs')).toEqual(locations);
});
