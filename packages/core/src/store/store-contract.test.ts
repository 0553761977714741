// What every kind of store holds; what only folders do is in file-store.test.ts, and what only S3
// does in s3/s3-store.test.ts.
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type S3Server, startS3Server } from '@shardmill/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keysOf, objectContract } from '../testing/object-contract.js';
import type { ObjectStore } from './object-store.js';
import { Stores } from './stores.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array | undefined): string => new TextDecoder().decode(content);

let server: S3Server;
let root: string;
let stores: Stores;
let tests = 0;
beforeAll(async () => {
  server = await startS3Server();
  Object.assign(process.env, server.env);
  await server.createBucket('lake');
});
afterAll(() => server.close());
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'shardmill-contract-'));
  stores = new Stores();
});
afterEach(async () => {
  await stores.close();
  await rm(root, { recursive: true });
});

describe.each([
  ['a folder', () => path.join(root, 'out')],
  ['a prefix of a bucket', () => `s3://lake/test-${tests++}/out`],
])('%s as a store', (_, locate) => {
  let location: string;
  let store: ObjectStore;
  beforeEach(() => {
    location = locate();
    store = stores.open(location);
  });

  objectContract(() => store);

  it('says where its objects are, and finds them there', async () => {
    expect(store.uri).toBe(location);
    expect(store.locate('a/b')).toBe(`${location}/a/b`);
    await store.create('a/b', bytes('content'));
    const { store: same, key } = stores.objectAt(store.locate('a/b'));
    expect(text(await same.read(key))).toBe('content');
    expect(same.locate(key)).toBe(`${location}/a/b`);
  });

  it('takes over a finished file, whether it wins or not', async () => {
    for (const [name, answer] of [
      ['a', 'created'],
      ['b', 'exists'],
    ] as const) {
      const file = path.join(root, name);
      await writeFile(file, name);
      expect(await store.create('part-1.parquet', { path: file })).toBe(answer);
      expect(existsSync(file)).toBe(false);
    }
    expect(text(await store.read('part-1.parquet'))).toBe('a');
  });

  it('never changes what is there, be it an empty file', async () => {
    const file = path.join(root, 'empty');
    await writeFile(file, '');
    expect(await store.create('empty', { path: file })).toBe('created');
    expect(await store.create('empty', bytes('full'))).toBe('exists');
    expect(await store.head('empty')).toMatchObject({ key: 'empty', bytes: 0 });
    expect(await store.read('empty')).toHaveLength(0);
  });

  it('replaces, and creates where there is nothing', async () => {
    await store.replace('_SUCCESS', bytes('one'));
    await store.replace('_SUCCESS', bytes('two'));
    expect(text(await store.read('_SUCCESS'))).toBe('two');
    expect(await keysOf(store, '')).toEqual(['_SUCCESS']);
  });

  it('lists nothing at a location where there is nothing', async () => {
    await store.create('a', bytes('a'));
    expect(await keysOf(stores.open(`${location}/nothing`), '')).toEqual([]);
  });

  it('finds nothing where there is nothing, or a folder', async () => {
    await store.create('folder/a', bytes('a'));
    for (const key of ['none', 'folder', 'folder/a/b', 'none/none']) {
      expect(await store.head(key)).toBeUndefined();
      expect(await store.read(key)).toBeUndefined();
      expect(await store.localCopy(key, root)).toBeUndefined();
    }
  });

  it('gives a range, and less where the object ends', async () => {
    await store.create('a', bytes('0123456789'));
    const etag = (await store.head('a'))?.etag;
    expect(text(await store.readRange('a', 2, 5))).toBe('234');
    expect(text(await store.readRange('a', 8, 20))).toBe('89');
    expect(text(await store.readRange('a', 10, 20, etag))).toBe('');
    expect(text(await store.readRange('a', 3, 3))).toBe('');
  });

  it('refuses a range of another content than the one that was meant', async () => {
    await store.create('a', bytes('0123456789'));
    const etag = (await store.head('a'))?.etag;
    expect(text(await store.readRange('a', 0, 2, etag))).toBe('01');
    await store.replace('a', bytes('abc'));
    for (const [start, end] of [
      [0, 2],
      [5, 8],
    ] as const) {
      await expect(store.readRange('a', start, end, etag)).rejects.toMatchObject({
        code: 'INPUT_CHANGED',
        where: store.locate('a'),
      });
    }
  });

  it('copies a range piece by piece, and nothing of another content than the one that was meant', async () => {
    const content = Buffer.from('0123456789'.repeat(200_000));
    await store.create('a', content);
    const etag = (await store.head('a'))?.etag;
    const copied = Buffer.alloc(content.length - 7);
    const range = { start: 5, end: content.length - 2 };
    await store.copyRange('a', range, etag, async (pieces, offset) => {
      copied.set(Buffer.concat(pieces), offset);
    });
    expect(copied.equals(content.subarray(5, -2))).toBe(true);
    await store.replace('a', bytes('abc'));
    let written = 0;
    const copying = store.copyRange('a', { start: 0, end: 2 }, etag, async () => {
      written++;
    });
    await expect(copying).rejects.toMatchObject({ code: 'INPUT_CHANGED' });
    expect(written).toBe(0);
  });

  it('ends a copy with the failure of its writer, and repeats nothing', async () => {
    await store.create('a', bytes('0123456789'));
    let written = 0;
    const copying = store.copyRange('a', { start: 0, end: 5 }, undefined, async () => {
      written++;
      throw new Error('no space left');
    });
    await expect(copying).rejects.toThrow('no space left');
    expect(written).toBe(1);
  });

  it('says that a range of nothing is not there', async () => {
    await expect(store.readRange('none', 0, 1)).rejects.toMatchObject({
      code: 'INPUT_NOT_FOUND',
      where: store.locate('none'),
    });
  });

  it('gives a local file with the content of an object, until it is given back', async () => {
    const content = Buffer.alloc(20 * 1024 * 1024 + 7);
    for (let i = 0; i < content.length; i += 4096) content.writeUInt32LE(i, i);
    await store.create('model.onnx', content);
    const folder = path.join(root, 'copies');
    const copies = await Promise.all([1, 2].map(() => store.localCopy('model.onnx', folder)));
    for (const copy of copies) {
      expect(content.equals(await readFile(copy?.path ?? ''))).toBe(true);
      await copy?.release();
    }
    expect(existsSync(folder) ? await readdir(folder) : []).toEqual([]);
    expect(await store.head('model.onnx')).toBeDefined();
  });

  it('keeps keys of every kind', async () => {
    const odd = [
      'a b',
      'a%20b',
      'a&b<c>"d\'',
      'a+b',
      'ds=2026-01-01/x',
      'p=%2F+é/q=..',
      'ü/ß',
      '火',
    ];
    for (const key of odd) expect(await store.create(key, bytes(key))).toBe('created');
    expect(await keysOf(store, '')).toEqual(odd);
    for (const key of odd) expect(text(await store.read(key))).toBe(key);
  });
});
