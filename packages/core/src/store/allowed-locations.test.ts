import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allowedFor, type LocationUse, requireAllowed } from './allowed-locations.js';

let root: string;
const at = (...names: string[]): string => path.join(root, ...names);

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'shardmill-allowed-'));
  for (const folder of ['allowed', 'allowed-too', 'other']) {
    await mkdir(at(folder));
    await writeFile(at(folder, 'file'), 'content');
  }
});
afterEach(() => rm(root, { recursive: true, force: true }));

const refused = { code: 'LOCATION_FORBIDDEN' };
const check = (location: string, entries?: readonly string[], use: LocationUse = 'models') =>
  requireAllowed(entries && { [use]: entries }, use, location, 'churn-daily');

describe('a local location', () => {
  it('may lie at or below one that is allowed, and anywhere where none is named', async () => {
    await check(at('allowed', 'file'), [at('none'), at('allowed')]);
    await check(at('allowed', 'not', 'there', 'yet'), [at('allowed')]);
    await check(at('allowed', 'file'), [at('allowed', 'file')]);
    await check(at('other', 'file'));
    await check(at('other', 'file'), ['/']);
  });

  it('may lie nowhere else, whatever leads there', async () => {
    await symlink(at('other', 'file'), at('allowed', 'link'));
    await symlink(at('other'), at('allowed', 'folder'));
    await symlink(at('other', 'later'), at('allowed', 'dangling'));
    for (const location of [
      at('other', 'file'),
      at('allowed-too', 'file'),
      at('allowed', '..', 'other', 'file'),
      at('allowed', 'link'),
      at('allowed', 'folder', 'file'),
      at('allowed', 'folder', 'new', 'file'),
      at('allowed', 'dangling'),
      at('allowed', 'dangling', 'new'),
      's3://bucket/key',
    ]) {
      await expect(check(location, [at('allowed')]), location).rejects.toMatchObject(refused);
      await expect(check(location, [at('allowed')], 'inputs')).rejects.toMatchObject(refused);
    }
    await expect(check(at('allowed', 'file'), [])).rejects.toMatchObject(refused);
  });

  it('is what comes before the first wildcard, of the input alone', async () => {
    await symlink(at('other'), at('allowed', 'a{b'));
    const [glob, odd] = [at('allowed', '*', 'x.parquet'), at('allowed', 'a{b', 'new')];
    await check(glob, [at('allowed')], 'inputs');
    await expect(check(at('all*', 'x'), [at('allowed')], 'inputs')).rejects.toMatchObject(refused);
    await expect(check(odd, [at('allowed')], 'outputs')).rejects.toMatchObject(refused);
    await expect(check(at('allowed', 'a{b'), [at('allowed')], 'inputs')).rejects.toThrow('"churn');
  });

  it('may be below a link that is itself allowed', async () => {
    await symlink(at('other'), at('current'));
    await check(at('current', 'file'), [at('current')]);
    await check(at('other', 'file'), [at('current')]);
  });
});

describe('a location in S3', () => {
  it.each([
    ['s3://lake/models/m.onnx', 's3://lake/models'],
    ['s3://lake/models/m.onnx', 's3://lake/models/m.onnx'],
    ['s3://lake/models/m.onnx', 's3://lake'],
    ['s3://lake-eu/m.onnx', 's3://*-eu'],
    ['s3://lake/m.onnx', 's3://'],
  ])('%s may be used with %s', (location, entry) => check(location, [entry]));

  it.each([
    ['s3://lake/models-2/m.onnx', 's3://lake/models'],
    ['s3://lake/models/../secret', 's3://lake/models'],
    ['s3://lake/models/../secret', 's3://'],
    ['s3://lake-us/m.onnx', 's3://*-eu'],
    ['s3://lake-eu-not/m.onnx', 's3://*-eu'],
    ['s3://lakexeu/m.onnx', 's3://lake.eu'],
    ['s3://other/models/m.onnx', 's3://lake/models'],
    ['/models/m.onnx', 's3://'],
  ])('%s may not be used with %s', async (location, entry) => {
    await expect(check(location, [entry])).rejects.toMatchObject(refused);
  });
});

describe('entries with a pattern', () => {
  const outputs = ['churn-*=s3://eu/churn', '*-daily=s3://eu/daily', '/out', '/hive/ds=1'];

  it('are all that the jobs which they match may use', () => {
    expect(allowedFor({ outputs }, 'outputs', 'churn-daily')).toEqual([
      's3://eu/churn',
      's3://eu/daily',
    ]);
    expect(allowedFor({ outputs }, 'outputs', 'churn-')).toEqual(['s3://eu/churn']);
  });

  it('mean nothing for other jobs, nor for other uses', () => {
    expect(allowedFor({ outputs }, 'outputs', 'not-churn-x')).toEqual(['/out', '/hive/ds=1']);
    expect(allowedFor({ outputs: ['a=/out'] }, 'outputs', 'b')).toEqual([]);
    expect(allowedFor({ outputs }, 'inputs', 'churn-daily')).toBeUndefined();
  });
});
