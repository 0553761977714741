import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Stores } from '@shardmill/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkReadable, checkWritable } from './check-location.js';

let root: string;
const stores = new Stores();
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'shardmill-doctor-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('a location that is written to', () => {
  it('is tried with each operation, and nothing is left behind', async () => {
    expect(await checkWritable('state', root, stores)).toEqual({
      what: 'state',
      state: 'ok',
      found: `${root}: list, create, read, create only once, delete`,
    });
    expect(await readdir(root)).toEqual([]);
    await checkWritable('state', path.join(root, 'not-there'), stores);
    expect(await readdir(root)).toEqual([]);
  });

  it('says which operation is refused, and what to do', async () => {
    await writeFile(path.join(root, 'file'), '');
    const finding = await checkWritable('state', path.join(root, 'file/below'), stores);
    expect(finding).toMatchObject({
      state: 'fail',
      found: expect.stringMatching(/cannot create: OUTPUT_NOT_WRITABLE/),
      remedy: expect.stringMatching(/./),
    });
  });
});

describe('a location that is only read', () => {
  it('is a file, a folder, or what a wildcard matches', async () => {
    await mkdir(path.join(root, 'data'));
    await writeFile(path.join(root, 'data/a.parquet'), 'x');
    for (const there of ['data', 'data/a.parquet', 'data/*.parquet']) {
      expect((await checkReadable('input', path.join(root, there), stores)).state).toBe('ok');
    }
    for (const gone of ['dat', 'data/b.parquet', 'dat/*.parquet']) {
      expect((await checkReadable('input', path.join(root, gone), stores)).state).toBe('fail');
    }
  });
});
