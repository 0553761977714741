import { describe, expect, it } from 'vitest';
import { requireRegion } from './allowed-regions.js';

const REGIONS = new Map([
  ['lake-eu', 'eu-central-1'],
  ['lake-us', 'us-east-1'],
]);
const regions = ['us-east-1', 'eu-*=eu-central-1', 'eu-*=eu-west-*'];

/** @returns how often a store was asked. */
async function check(location: string, job: string, names: readonly string[] | undefined) {
  let asked = 0;
  await requireRegion({ regions: names }, location, job, async (of) => {
    asked++;
    return REGIONS.get(of.split('/')[2] ?? '');
  });
  return asked;
}

describe('a bucket', () => {
  it('may be in a region that is named for the job, and in any where none is named', async () => {
    expect(await check('s3://lake-us/x', 'churn', regions)).toBe(1);
    expect(await check('s3://lake-eu', 'eu-churn', regions)).toBe(1);
    expect(await check('s3://lake-eu/x', 'churn', undefined)).toBe(0);
  });

  it.each([
    ['s3://lake-us/x', 'eu-churn', 'eu-central-1, eu-west-* for it, and it is in us-east-1'],
    ['s3://lake-eu/x', 'churn', 'us-east-1 for it, and it is in eu-central-1'],
    ['s3://unknown/x', 'churn', 'and its store does not say where it is'],
  ])('%s may not be used by %s', async (location, job, message) => {
    await expect(check(location, job, regions)).rejects.toMatchObject({
      code: 'LOCATION_FORBIDDEN',
      where: location,
      message: expect.stringContaining(message),
    });
  });

  it('may be in no region where all that are named are for other jobs', async () => {
    await expect(check('s3://lake-eu/x', 'churn', ['eu-*=eu-*'])).rejects.toThrow('no region');
  });
});

it('files of this machine are in no region, and nothing is asked', async () => {
  expect(await check('/data/x', 'churn', regions)).toBe(0);
});
