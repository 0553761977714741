import { beforeEach, expect, it } from 'vitest';
import type { ObjectStore } from '../store/object-store.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array | undefined): string => new TextDecoder().decode(content);

export async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key);
  return found;
}

/**
 * What the commit protocol relies on, of every store that a proof stands on: real ones, those in
 * memory, and those of the simulation. To be called within `describe`.
 * @param open an empty store, once for each test.
 */
export function objectContract(open: () => Promise<ObjectStore> | ObjectStore): void {
  let store: ObjectStore;
  beforeEach(async () => {
    store = await open();
  });

  it('lets one of 20 writers at once win, with its own content whole', async () => {
    for (let round = 0; round < 5; round++) {
      const key = `_shardmill/run/shards/${round}.json`;
      const contents = Array.from({ length: 20 }, (_, i) => `${i},`.repeat(20_000));
      const answers = await Promise.all(contents.map((c) => store.create(key, bytes(c))));
      expect(answers.filter((answer) => answer === 'created')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'exists')).toHaveLength(19);
      expect(text(await store.read(key))).toBe(contents[answers.indexOf('created')]);
    }
  });

  it('never changes what is there, be it empty', async () => {
    expect(await store.create('empty', bytes(''))).toBe('created');
    expect(await store.create('empty', bytes('full'))).toBe('exists');
    expect(await store.head('empty')).toMatchObject({ key: 'empty', bytes: 0 });
    expect(await store.read('empty')).toHaveLength(0);
  });

  it('keeps what it was given, whatever becomes of the memory', async () => {
    const content = bytes('before');
    await store.create('a', content);
    content.fill(0);
    expect(text(await store.read('a'))).toBe('before');
  });

  it('deletes what is there, and nothing else', async () => {
    await store.create('a', bytes('a'));
    await store.create('ab', bytes('ab'));
    await store.delete('a');
    await store.delete('a');
    expect(await keysOf(store, '')).toEqual(['ab']);
    expect(await store.create('a', bytes('new'))).toBe('created');
  });

  it('finds nothing where there is nothing, or a folder', async () => {
    await store.create('folder/a', bytes('a'));
    for (const key of ['none', 'folder', 'folder/a/b', 'none/none']) {
      expect(await store.head(key)).toBeUndefined();
      expect(await store.read(key)).toBeUndefined();
    }
  });

  it('lists keys in order of their bytes, folders by their full keys', async () => {
    const all = ['_SUCCESS', 'a-b', 'a.b', 'a/b', 'a/c/d', 'a0', 'b/a', 'part-1', 'part-2'];
    for (const key of all.toReversed()) await store.create(key, bytes(key));
    expect(await keysOf(store, '')).toEqual(all);
    expect(all).toEqual(all.toSorted());
  });

  it('lists those with a prefix, be it a folder, a part of a name, or neither', async () => {
    for (const key of ['part-r1-0', 'part-r2-0', '_shardmill/r1/plan.json', '_shardmill/r2/a']) {
      await store.create(key, bytes(key));
    }
    expect(await keysOf(store, 'part-r1-')).toEqual(['part-r1-0']);
    expect(await keysOf(store, '_shardmill/')).toEqual([
      '_shardmill/r1/plan.json',
      '_shardmill/r2/a',
    ]);
    expect(await keysOf(store, '_shardmill/r')).toHaveLength(2);
    expect(await keysOf(store, '_shardmill/r1')).toEqual(['_shardmill/r1/plan.json']);
    expect(await keysOf(store, '_shardmill/r3/')).toEqual([]);
    expect(await keysOf(store, 'nothing')).toEqual([]);
  });

  it('lists each object as it describes it alone', async () => {
    await store.create('a', bytes('four'));
    await store.create('b/c', bytes('12345'));
    const found = [];
    for await (const info of store.list('')) found.push(info);
    expect(found).toEqual([await store.head('a'), await store.head('b/c')]);
    expect(found.map((info) => info.bytes)).toEqual([4, 5]);
  });
}
