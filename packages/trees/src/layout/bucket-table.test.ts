import { describe, expect, it } from 'vitest';
import { type BucketTable, bucketOf, makeBucketTable } from './bucket-table.js';

const sorted = (...values: number[]): Float32Array => Float32Array.from(values).toSorted();

/** The rank of a value, as the generated code finds it. */
function rankOf(thresholds: Float32Array, table: BucketTable, value: number): number {
  let rank = table.below[bucketOf(value, table, table.below.length)] ?? 0;
  for (let step = table.steps - 1; step >= 0; step--) {
    if (value > (thresholds[rank + 2 ** step - 1] ?? Infinity)) rank += 2 ** step;
  }
  return rank;
}

it('takes few comparisons, also where there are infinite thresholds', () => {
  const even = Array.from({ length: 500 }, (_, i) => i / 7);
  const { steps } = makeBucketTable(sorted(...even));
  expect(steps).toBeLessThan(3);
  for (const infinite of [[Infinity], [-Infinity], [-Infinity, Infinity]]) {
    expect(makeBucketTable(sorted(...even, ...infinite)).steps).toBe(steps);
  }
});

describe('the rank of a value', () => {
  it.each([
    ['evenly spread', Array.from({ length: 500 }, (_, i) => i / 7)],
    ['in two crowds', Array.from({ length: 400 }, (_, i) => (i % 2) * 1e6 + i / 1000)],
    [
      'of any size',
      Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? 1 : -1) * 1.5 ** (i / 2 - 60)),
    ],
    ['with infinite ones', [-Infinity, -3, -1, 0, 2, 5, 8, 13, Infinity]],
    ['infinite ones alone', [-Infinity, Infinity]],
    ['with the greatest floats', [-3.4028234663852886e38, -1, 0, 1, 3.4028234663852886e38]],
    ['denormal ones', Array.from({ length: 40 }, (_, i) => i * 2 ** -149)],
    ['one', [0.25]],
    ['none', []],
  ])('is how many thresholds are below it: %s', (_, values) => {
    const thresholds = sorted(...values);
    const table = makeBucketTable(thresholds);
    const probes = [...thresholds, ...thresholds.map((t) => t * 1.0000002), 0, -1e30, 1e30];
    for (const value of Float32Array.from([...probes, Infinity, -Infinity])) {
      expect([value, rankOf(thresholds, table, value)]).toEqual([
        value,
        thresholds.filter((threshold) => value > threshold).length,
      ]);
    }
    expect(rankOf(thresholds, table, NaN)).toBe(0);
  });
});
