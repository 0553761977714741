import { expect, it } from 'vitest';
import { KeptReads } from './kept-reads.js';

const KIB = 1024;

/** Reads pieces of some size, and notes which were read. */
function reader(bytes: number) {
  const read: string[] = [];
  const kept = new KeptReads();
  const get = (key: string): Promise<Uint8Array> =>
    kept.read(key, async () => {
      read.push(key);
      return new Uint8Array(bytes);
    });
  return { read, kept, get };
}

it('reads a piece once', async () => {
  const { read, get } = reader(16 * KIB);
  const first = await get('a');
  expect(await get('a')).toBe(first);
  await get('b');
  expect(read).toEqual(['a', 'b']);
});

it('keeps no more than 4 MiB, of the pieces that were used last', async () => {
  const { read, get } = reader(256 * KIB);
  for (let i = 0; i < 16; i++) await get(`${i}`);
  await get('0');
  await get('16');
  expect(read).toHaveLength(17);
  await get('0');
  expect(read).toHaveLength(17);
  // The oldest has made room.
  await get('1');
  expect(read.at(-1)).toBe('1');
});

it('keeps no large piece, and no failure', async () => {
  const { read, kept, get } = reader(257 * KIB);
  await get('a');
  await get('a');
  expect(read).toEqual(['a', 'a']);
  await expect(kept.read('b', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  expect(await kept.read('b', async () => Uint8Array.of(1))).toEqual(Uint8Array.of(1));
});
