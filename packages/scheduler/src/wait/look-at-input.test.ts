import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type JobDefinition, Stores } from '@shardmill/core';
import { type S3Server, startS3Server } from '@shardmill/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobOf } from '../testing/job.js';
import { withFolder, writeParquet } from '../testing/parquet.js';
import { lookAtInput } from './look-at-input.js';
import type { JobRules } from '../plan/job-rules.js';

type Conditions = JobDefinition['input']['waitFor'];

function look(
  folder: string,
  waitFor: Conditions,
  { uri = 'in', stores = new Stores(), rules }: Partial<Options> = {},
) {
  const job = jobOf({ input: { uri, waitFor } });
  return lookAtInput({ job, jobFile: path.join(folder, 'job.yaml'), stores, rules });
}

interface Options {
  readonly uri: string | string[];
  readonly stores: Stores;
  readonly rules: JobRules;
}

describe('a look at a folder', () => {
  it('finds nothing where it is not there yet, and files as they come', () =>
    withFolder(async (folder) => {
      const file = (name: string): string => path.join(folder, 'in', name);
      expect((await look(folder, { files: 1 })).files).toMatchObject({ count: 0, absent: ['in'] });
      await mkdir(path.join(folder, 'in'));
      expect((await look(folder, { files: 1 })).files).toMatchObject({ count: 0, absent: ['in'] });
      await writeParquet(file('a.parquet'), 'SELECT range AS x FROM range(10)');
      await writeParquet(file('b.parquet'), 'SELECT range AS x FROM range(5)');
      expect((await look(folder, { files: 2 })).files).toMatchObject({ count: 2, rows: null });
      expect((await look(folder, { rows: 15 })).files).toMatchObject({ rows: 15, unreadable: 0 });
      expect((await look(folder, { rows: 16 })).files).toMatchObject({ rows: 15 });
      // Of two URIs one is not there.
      const both = await look(folder, { files: 1 }, { uri: ['in', 'elsewhere'] });
      expect(both.files).toMatchObject({ count: 2, absent: ['elsewhere'] });
    }));

  it('looks at no file while the marker is missing', () =>
    withFolder(async (folder) => {
      await mkdir(path.join(folder, 'in', '_SUCCESS'), { recursive: true });
      const marker = path.join(folder, 'in', 'done');
      const wanted = { marker: 'done', files: 1 };
      expect(await look(folder, wanted)).toEqual({ missingMarkers: [marker], files: null });
      // A folder is no marker.
      expect((await look(folder, { marker: '_SUCCESS' })).missingMarkers).toHaveLength(1);
      await writeFile(marker, '');
      expect(await look(folder, wanted)).toMatchObject({ missingMarkers: [], files: { count: 0 } });
      expect(await look(folder, { marker })).toEqual({ missingMarkers: [], files: null });
    }));

  it('counts a file that is being written as one without rows', () =>
    withFolder(async (folder) => {
      const file = path.join(folder, 'in', 'a.parquet');
      await mkdir(path.dirname(file));
      await writeFile(file, 'PAR1 and not yet whole');
      expect((await look(folder, { rows: 1 })).files).toMatchObject({ rows: 0, unreadable: 1 });
    }));

  it.each([
    ['a file that comes', (folder: string) => writeFile(path.join(folder, 'c.parquet'), 'x')],
    ['a file that goes', (folder: string) => rm(path.join(folder, 'b.parquet'))],
    ['a file that grows', (folder: string) => appendFile(path.join(folder, 'a.parquet'), 'x')],
    ['a file of the same size', (folder: string) => replace(path.join(folder, 'a.parquet'))],
    ['a new name', (folder: string) => rename(`${folder}/b.parquet`, `${folder}/d.parquet`)],
  ])('sees %s as a change, and else none', (_, change) =>
    withFolder(async (folder) => {
      const data = path.join(folder, 'in');
      await mkdir(data);
      await writeFile(path.join(data, 'a.parquet'), 'a');
      await writeFile(path.join(data, 'b.parquet'), 'b');
      const seen = async (): Promise<string | undefined> =>
        (await look(folder, { unchangedFor: '1m' })).files?.fingerprint;
      const before = await seen();
      expect(before).toMatch(/^[0-9a-f]{64}$/);
      expect(await seen()).toBe(before);
      await change(data);
      expect(await seen()).not.toBe(before);
    }),
  );

  it('refuses what the configuration does not allow, markers included', () =>
    withFolder(async (folder) => {
      const rules = { allow: { inputs: [path.join(folder, 'in')] } };
      await mkdir(path.join(folder, 'in'));
      const marker = path.join(folder, 'secret');
      await expect(look(folder, { marker }, { rules })).rejects.toMatchObject({
        code: 'LOCATION_FORBIDDEN',
        where: marker,
      });
      await expect(look(folder, { files: 1 }, { rules, uri: 'other' })).rejects.toMatchObject({
        code: 'LOCATION_FORBIDDEN',
      });
      expect(await look(folder, { marker: 'm' }, { rules })).toMatchObject({ files: null });
    }));
});

async function replace(file: string): Promise<void> {
  await writeFile(`${file}.new`, 'y');
  await rename(`${file}.new`, file);
}

describe('a look at S3', () => {
  let server: S3Server;
  let stores: Stores;

  beforeAll(async () => {
    server = await startS3Server();
    Object.assign(process.env, server.env);
    stores = new Stores({ s3: { endpoint: server.endpoint } });
    await server.createBucket('lake');
  });
  afterAll(async () => {
    await stores.close();
    await server.close();
  });

  it('finds markers, files and changes of them', async () => {
    const lake = stores.open('s3://lake');
    const at = (waitFor: Conditions) => look('/', waitFor, { uri: 's3://lake/in', stores });
    expect((await at({ files: 1 })).files).toMatchObject({ count: 0, absent: ['s3://lake/in'] });
    expect((await at({ marker: '_SUCCESS' })).missingMarkers).toEqual(['s3://lake/in/_SUCCESS']);
    await lake.create('in/a.parquet', Buffer.from('a'));
    await lake.create('in/_SUCCESS', Buffer.from(''));
    expect(await at({ marker: '_SUCCESS', files: 1, unchangedFor: '1m' })).toMatchObject({
      missingMarkers: [],
      files: { count: 1 },
    });
    const seen = async (): Promise<string | undefined> =>
      (await at({ unchangedFor: '1m' })).files?.fingerprint;
    const before = await seen();
    expect(await seen()).toBe(before);
    await lake.replace('in/a.parquet', Buffer.from('b'));
    expect(await seen()).not.toBe(before);
  });
});
