import { existsSync } from 'node:fs';
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

async function keys(prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key);
  return found;
}

describe('creating an object', () => {
  it('lets one of 20 writers at once win, with its own content whole', async () => {
    for (let round = 0; round < 10; round++) {
      const key = `_shardmill/run/shards/${round}.json`;
      const contents = Array.from({ length: 20 }, (_, i) => `${i},`.repeat(20_000));
      const answers = await Promise.all(contents.map((c) => store.create(key, bytes(c))));
      expect(answers.filter((answer) => answer === 'created')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'exists')).toHaveLength(19);
      expect(text(await store.read(key))).toBe(contents[answers.indexOf('created')]);
    }
    expect(await filesBelow(store.root)).toHaveLength(10);
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

  it('never changes what is there, be it empty', async () => {
    expect(await store.create('empty', new Uint8Array())).toBe('created');
    expect(await store.create('empty', bytes('full'))).toBe('exists');
    expect(await store.head('empty')).toMatchObject({ key: 'empty', bytes: 0 });
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

describe('replacing and deleting', () => {
  it('replaces, creates where there is nothing, and leaves no temporary file', async () => {
    await store.replace('_SUCCESS', bytes('one'));
    await store.replace('_SUCCESS', bytes('two'));
    expect(text(await store.read('_SUCCESS'))).toBe('two');
    expect(await filesBelow(store.root)).toEqual(['_SUCCESS']);
  });

  it('deletes what is there, and nothing else', async () => {
    await store.create('a', bytes('a'));
    await store.delete('a');
    await store.delete('a');
    expect(await store.head('a')).toBeUndefined();
  });
});

describe('reading', () => {
  it('finds nothing where there is nothing, or a folder', async () => {
    await store.create('folder/a', bytes('a'));
    for (const key of ['none', 'folder', 'folder/a/b', 'none/none']) {
      expect(await store.head(key)).toBeUndefined();
      expect(await store.read(key)).toBeUndefined();
    }
  });

  it('gives a range, and less where the object ends', async () => {
    await store.create('a', bytes('0123456789'));
    expect(text(await store.readRange('a', 2, 5))).toBe('234');
    expect(text(await store.readRange('a', 8, 20))).toBe('89');
    expect(text(await store.readRange('a', 3, 3))).toBe('');
  });

  it('refuses a range of another content than the one that was meant', async () => {
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

  it('says that a range of nothing is not there', async () => {
    await expect(store.readRange('none', 0, 1)).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
  });
});

describe('listing', () => {
  it('gives keys in order of their bytes, folders by their full keys', async () => {
    const all = ['_SUCCESS', 'a', 'a-b', 'a.b', 'a/b', 'a/c/d', 'a0', 'b/a', 'part-1', 'part-2'];
    for (const key of all.toReversed().filter((key) => !key.startsWith('a/'))) {
      await store.create(key, bytes(key));
    }
    await store.delete('a');
    for (const key of ['a/c/d', 'a/b']) await store.create(key, bytes(key));
    const expected = all.filter((key) => key !== 'a');
    expect(await keys('')).toEqual(expected);
    expect(expected).toEqual(expected.toSorted());
  });

  it('gives those with a prefix, be it a folder, a part of a name, or neither', async () => {
    for (const key of ['part-r1-0', 'part-r2-0', '_shardmill/r1/plan.json', '_shardmill/r2/a']) {
      await store.create(key, bytes(key));
    }
    expect(await keys('part-r1-')).toEqual(['part-r1-0']);
    expect(await keys('_shardmill/')).toEqual(['_shardmill/r1/plan.json', '_shardmill/r2/a']);
    expect(await keys('_shardmill/r')).toHaveLength(2);
    expect(await keys('_shardmill/r1')).toEqual(['_shardmill/r1/plan.json']);
    expect(await keys('_shardmill/r3/')).toEqual([]);
    expect(await keys('nothing')).toEqual([]);
  });

  it('of a location that is not there is empty', async () => {
    expect(await keys('')).toEqual([]);
  });

  it('tells sizes, and follows links to files', async () => {
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
