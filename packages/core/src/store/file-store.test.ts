import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storageError } from './file-identity.js';
import { FileStore } from './file-store.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array | undefined): string => new TextDecoder().decode(content);

let root: string;
let store: FileStore;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'shardmill-store-'));
  store = new FileStore(path.join(root, 'out'));
});
afterEach(async () => {
  await store.close();
  await rm(root, { recursive: true });
});

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .toSorted();
}

describe('creating an object', () => {
  it('leaves no temporary file behind, whichever writer wins', async () => {
    const writers = Array.from({ length: 20 }, (_, i) => store.create('a/b', bytes(`${i}`)));
    await Promise.all(writers);
    expect(await filesBelow(store.root)).toEqual(['a/b']);
  });

  it('refuses a place that cannot be written, and leaves nothing behind', async () => {
    await writeFile(path.join(root, 'file'), '');
    const below = new FileStore(path.join(root, 'file/out'));
    await expect(below.create('a', bytes('a'))).rejects.toMatchObject({
      code: 'OUTPUT_NOT_WRITABLE',
    });
    await store.create('a', bytes('a'));
    await expect(store.create('a/b', bytes('b'))).rejects.toMatchObject({
      code: 'OUTPUT_NOT_WRITABLE',
    });
    expect(await filesBelow(root)).toEqual(['file', 'out/a']);
  });
});

describe('replacing', () => {
  it('leaves no temporary file behind', async () => {
    await store.replace('_SUCCESS', bytes('one'));
    await store.replace('_SUCCESS', bytes('two'));
    expect(await filesBelow(store.root)).toEqual(['_SUCCESS']);
  });
});

describe('reading', () => {
  it('refuses a range of a file that was written again since', async () => {
    await store.create('a', bytes('0123456789'));
    const etag = (await store.head('a'))?.etag ?? '';
    expect(text(await store.readRange('a', 0, 2, etag))).toBe('01');
    await utimes(store.pathOf('a'), new Date(), new Date(0));
    await expect(store.readRange('a', 0, 2, etag)).rejects.toMatchObject({ code: 'INPUT_CHANGED' });
  });

  it('has one ETag for one content, and another for a file that was replaced in place', async () => {
    await store.create('a', bytes('same'));
    const before = await store.head('a');
    expect(await store.head('a')).toEqual(before);
    await store.replace('a', bytes('same'));
    expect((await store.head('a'))?.etag).not.toBe(before?.etag);
  });
});

describe('listing', () => {
  it('reports sizes, and follows links to files', async () => {
    await store.create('a', bytes('four'));
    await mkdir(store.pathOf('folder'));
    await symlink(store.pathOf('a'), store.pathOf('link'));
    await symlink(store.pathOf('folder'), store.pathOf('to-folder'));
    await symlink(store.pathOf('gone'), store.pathOf('to-nothing'));
    const found = [];
    for await (const { key, bytes: size } of store.list('')) found.push([key, size]);
    expect(found).toEqual([
      ['a', 4],
      ['link', 4],
    ]);
    expect((await stat(store.pathOf('a'))).size).toBe(4);
  });
});

describe('system errors', () => {
  it.each([
    ['ENOSPC', 'write', 'DISK_FULL'],
    ['EDQUOT', 'write', 'DISK_FULL'],
    ['ENOSPC', 'read', 'DISK_FULL'],
    ['EXDEV', 'write', 'STORE_UNSUPPORTED'],
    ['EPERM', 'write', 'STORE_UNSUPPORTED'],
    ['EROFS', 'write', 'OUTPUT_NOT_WRITABLE'],
    ['EACCES', 'write', 'OUTPUT_NOT_WRITABLE'],
    ['ENOENT', 'read', 'INPUT_NOT_FOUND'],
    ['ENOTDIR', 'read', 'INPUT_NOT_FOUND'],
    ['EACCES', 'read', 'INPUT_UNREADABLE'],
    ['EIO', 'read', 'INPUT_UNREADABLE'],
  ] as const)('%s in a %s is %s', (errno, doing, code) => {
    const cause = Object.assign(new Error(`${errno}: it failed`), { code: errno });
    expect(storageError(cause, '/data/x', doing)).toMatchObject({ code, where: '/data/x', cause });
  });
});
