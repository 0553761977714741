import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateRepeats } from './estimate-repeats.js';
import { type HashCount, readSample, smallestHashes, storeSample } from './key-sample.js';
import type { KeyState } from './key-state-schema.js';
import { mergeKeys } from './merge-keys.js';

/** A hash that spreads whole numbers over 64 bits: the finalizer of SplitMix64. */
function hashOf(key: number): bigint {
  let z = BigInt.asUintN(64, BigInt(key + 1) * 0x9e3779b97f4a7c15n);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}

function stateOf(keys: readonly number[], shard: number): KeyState {
  const counts = new Map<number, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  const sample = [...counts]
    .map(([key, rows]): HashCount => [hashOf(key), rows])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const repeated = keys.length - counts.size;
  return {
    name: 'ids',
    hash: 'test',
    rows: keys.length,
    repeated,
    repeatingParts: repeated > 0 ? 1 : 0,
    worst: repeated > 0 ? [{ shard, part: 0, repeated }] : [],
    ...storeSample(smallestHashes([sample])),
  };
}

function merged(parts: readonly (readonly number[])[]): KeyState {
  const [state] = mergeKeys(parts.map(stateOf));
  if (state === undefined) throw new Error('nothing was merged');
  return state;
}

/** `count` different keys from `first` on. */
const range = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => first + i);

describe('the keys of a run', () => {
  it('are counted alike however parts are merged', () => {
    const part = fc.array(fc.integer({ min: 0, max: 6000 }), { maxLength: 3000, size: 'max' });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), fc.nat(), (parts, seed) => {
        const states = parts.map(stateOf);
        const whole = mergeKeys(states);
        expect(mergeKeys(states.toReversed())).toEqual(whole);
        const at = seed % (states.length + 1);
        const [left, right] = [mergeKeys(states.slice(0, at)), mergeKeys(states.slice(at))];
        expect(mergeKeys([...right, ...left])).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it('are known exactly while there are few', () => {
    const state = merged([[...range(0, 1000), 5, 5], range(990, 20)]);
    expect(estimateRepeats(state)).toMatchObject({ rows: 12, exact: true, repeated: 11 });
    expect(state.worst).toEqual([{ shard: 0, part: 0, repeated: 2 }]);
    expect(readSample(state)).toHaveLength(1010);
  });

  it('are a sample beyond that, in which those of several parts are seen to repeat', () => {
    // 4,000 of 40,000 keys are in two parts.
    const state = merged([range(0, 20_000), range(16_000, 24_000)]);
    const { rows, exact, sampled, atMost } = estimateRepeats(state);
    expect([state.repeated, exact, sampled]).toEqual([0, false, 2048]);
    expect(Math.abs(rows - 4000)).toBeLessThan(800);
    expect(atMost).toBeGreaterThan(0.1);
    expect(atMost).toBeLessThan(0.13);
  });

  it('without a repeated one in the sample are bounded and no more', () => {
    const { rows, repeated, atMost } = estimateRepeats(
      merged([range(0, 20_000), range(20_000, 9)]),
    );
    expect([rows, repeated]).toEqual([0, 0]);
    expect(atMost).toBeCloseTo(3 / 2048, 4);
  });

  it('that repeat within parts are never fewer than was counted there', () => {
    const state = merged([[...range(0, 50_000), 7, 7, 7], range(50_000, 10)]);
    expect(estimateRepeats(state).rows).toBeGreaterThanOrEqual(3);
  });

  it('name the parts with the most of them, and of other hashes stay apart', () => {
    const state = merged(
      Array.from({ length: 8 }, (_, i) => Array.from({ length: 1 + i }, () => i)),
    );
    expect(state.worst.map(({ shard, repeated }) => [shard, repeated])).toEqual([
      [7, 7],
      [6, 6],
      [5, 5],
      [4, 4],
      [3, 3],
    ]);
    expect(state.repeatingParts).toBe(7);
    expect(mergeKeys([state, { ...state, hash: 'another' }])).toHaveLength(2);
  });
});
