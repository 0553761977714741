import type { KeyState } from './key-state-schema.js';

/** So many different keys are counted in a whole run: those with the smallest hashes. */
export const SAMPLED_KEYS = 2048;

const HASH_BYTES = 8;

/** A hash of 64 bits without a sign, and the rows that have a key with it. */
export type HashCount = readonly [hash: bigint, rows: number];

type StoredSample = Pick<KeyState, 'hashes' | 'counts'>;

/**
 * Of several lists of the smallest hashes, each in ascending order, those of all together. A hash that is among
 * them is among the smallest of each list that it could be in, so that its count is exact, and no order makes a
 * difference.
 */
export function smallestHashes(lists: readonly (readonly HashCount[])[]): HashCount[] {
  return lists.reduce<HashCount[]>(mergeLists, []);
}

function mergeLists(one: readonly HashCount[], other: readonly HashCount[]): HashCount[] {
  const merged: HashCount[] = [];
  let [i, j] = [0, 0];
  while (merged.length < SAMPLED_KEYS) {
    const [a, b] = [one[i], other[j]];
    if (a === undefined && b === undefined) break;
    if (b === undefined || (a !== undefined && a[0] < b[0])) {
      if (a !== undefined) merged.push(a);
      i++;
    } else if (a === undefined || b[0] < a[0]) {
      merged.push(b);
      j++;
    } else {
      merged.push([a[0], a[1] + b[1]]);
      i++;
      j++;
    }
  }
  return merged;
}

/** @param sample in ascending order */
export function storeSample(sample: readonly HashCount[]): StoredSample {
  const bytes = Buffer.alloc(sample.length * HASH_BYTES);
  const counts: [number, number][] = [];
  for (const [index, [hash, rows]] of sample.entries()) {
    bytes.writeBigUInt64BE(hash, index * HASH_BYTES);
    if (rows > 1) counts.push([index, rows]);
  }
  return { hashes: bytes.toString('base64'), counts };
}

export function readSample({ hashes, counts }: StoredSample): HashCount[] {
  const bytes = Buffer.from(hashes, 'base64');
  const rowsOf = new Map(counts);
  return Array.from({ length: Math.floor(bytes.length / HASH_BYTES) }, (_, index) => [
    bytes.readBigUInt64BE(index * HASH_BYTES),
    rowsOf.get(index) ?? 1,
  ]);
}
