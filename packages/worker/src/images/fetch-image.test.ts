import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ShardmillError, Stores } from '@shardmill/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchImage } from './fetch-image.js';

let folder: string;
let from: string;
const stores = new Stores();
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-images-'));
  from = path.join(folder, 'photos');
  await mkdir(path.join(from, 'more'), { recursive: true });
  await writeFile(path.join(from, 'more', 'a b.png'), 'inside');
  await writeFile(path.join(from, 'large.png'), new Uint8Array(1001));
  await writeFile(path.join(folder, 'secret.png'), 'outside');
  await mkdir(path.join(folder, 'photos-2'));
  await writeFile(path.join(folder, 'photos-2', 'b.png'), 'outside');
  await symlink(path.join(folder, 'secret.png'), path.join(from, 'link.png'));
  await symlink(path.join(from, 'more', 'a b.png'), path.join(from, 'inner.png'));
});
afterAll(async () => {
  await stores.close();
  await rm(folder, { recursive: true, force: true });
});

async function fetched(uri: string): Promise<string> {
  const found = await fetchImage(uri, { from, maxBytes: 1000 }, stores);
  return 'refused' in found ? found.refused : Buffer.from(found).toString();
}

describe('an image that is named by its place', () => {
  it('is found by a relative path, a whole path, and a file URL', async () => {
    const whole = path.join(from, 'more', 'a b.png');
    for (const uri of [
      'more/a b.png',
      './more/../more/a b.png',
      whole,
      pathToFileURL(whole).href,
    ]) {
      expect(await fetched(uri)).toBe('inside');
    }
    expect(await fetched('inner.png')).toBe('inside');
  });

  it('is refused where it lies outside, whatever leads there', async () => {
    const outside = `LOCATION_FORBIDDEN: it lies outside of ${from}`;
    for (const uri of [
      '../secret.png',
      path.join(folder, 'secret.png'),
      'more/../../secret.png',
      '../photos-2/b.png',
      'link.png',
      '/etc/passwd',
      'file:///etc/passwd',
      's3://bucket/key.png',
      '../not-there.png',
    ]) {
      expect(await fetched(uri)).toBe(outside);
    }
  });

  it('is refused where it is no file, is not there, or is too large', async () => {
    expect(await fetched('none.png')).toBe('names no file');
    expect(await fetched('more/a b.png/x')).toBe('names no file');
    expect(await fetched('more')).toBe('names a folder, not a file');
    expect(await fetched('')).toBe('names a folder, not a file');
    expect(await fetched('large.png')).toBe('is larger than 1000 bytes (maxBytes)');
    expect(await fetched('https://example.com/a.png')).toMatch(/^URI_UNSUPPORTED: /);
    expect(await fetched('file://host/a.png')).toMatch(/^URI_UNSUPPORTED: /);
    expect(await fetched('a\0.png')).toBe('names no file: it holds a NUL character');
  });
});

describe('an image in S3', () => {
  const place = { from: 's3://photos/shop', maxBytes: 1000 };
  const storeOf = (read: () => Promise<Uint8Array>) => {
    const asked: string[] = [];
    const objectAt = (location: string) => {
      asked.push(location);
      return { store: { ...new Stores().open('/'), readRange: read }, key: 'key' };
    };
    return { asked, stores: { objectAt } };
  };
  const failing = (code: 'INPUT_NOT_FOUND' | 'STORE_DENIED') =>
    storeOf(async () => {
      throw new ShardmillError(code, 'no');
    });

  it('is asked for only below the place that the job names', async () => {
    const { asked, stores: own } = storeOf(async () => Buffer.from('image'));
    const outside = { refused: 'LOCATION_FORBIDDEN: it lies outside of s3://photos/shop' };
    for (const uri of [
      's3://photos/shop2/a.png',
      '../a.png',
      's3://photos/shop/../a.png',
      's3://x/shop/a',
      '/etc/passwd',
    ]) {
      expect(await fetchImage(uri, place, own)).toEqual(outside);
    }
    expect(asked).toEqual([]);
    expect(await fetchImage('2026/a.png', place, own)).toEqual(Buffer.from('image'));
    expect(await fetchImage('s3://photos/shop/b.png', place, own)).toEqual(Buffer.from('image'));
    expect(asked).toEqual(['s3://photos/shop/2026/a.png', 's3://photos/shop/b.png']);
  });

  it('that is missing is the fault of its row, and a store that denies it is not', async () => {
    expect(await fetchImage('a', place, failing('INPUT_NOT_FOUND').stores)).toEqual({
      refused: 'names no file',
    });
    await expect(fetchImage('a', place, failing('STORE_DENIED').stores)).rejects.toMatchObject({
      code: 'STORE_DENIED',
    });
    const large = storeOf(async () => new Uint8Array(1001));
    expect(await fetchImage('a', place, large.stores)).toMatchObject({
      refused: expect.stringContaining('maxBytes'),
    });
  });
});
