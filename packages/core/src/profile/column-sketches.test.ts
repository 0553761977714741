import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeColumn } from './describe-column.js';
import { MAX_NUMBERS, NumberSketch } from './number-sketch.js';
import { ProfileMerger } from './profile-merger.js';
import type { NumberProfile, TextProfile } from './profile-schema.js';
import type { ColumnState, NumberState, ProfileState, TextState } from './profile-state-schema.js';
import { TextSketch } from './text-sketch.js';

function numbersOf(values: readonly (number | null)[]): NumberState {
  const sketch = new NumberSketch();
  const known = values.filter((value) => value !== null);
  sketch.addNulls(values.length - known.length);
  sketch.addAll(Float64Array.from(known), 0, 1, known.length);
  return sketch.toState();
}

function merged(...states: readonly ColumnState[]): ColumnState | undefined {
  const merger = new ProfileMerger();
  for (const state of states) {
    merger.add({ sampledRows: 0, features: [{ name: 'x', state }], outputs: [] });
  }
  // As a shard's is merged from those of its parts, and then with those of other shards.
  const again = new ProfileMerger();
  again.add(merger.finish());
  return again.finish().features[0]?.state;
}

function textsOf(values: readonly (string | null)[]): TextState {
  const sketch = new TextSketch();
  for (const value of values) {
    if (value === null) sketch.addNulls(1);
    else sketch.add(value, 1);
  }
  return sketch.toState();
}

function describeNumbers(values: readonly (number | null)[]): NumberProfile {
  const column = describeColumn({ name: 'x', type: 'float64' }, numbersOf(values));
  if (column.kind !== 'number') throw new Error('expected numbers');
  return column;
}

function describeTexts(values: readonly (string | null)[]): TextProfile {
  const column = describeColumn({ name: 'x', type: 'string' }, textsOf(values));
  if (column.kind !== 'text') throw new Error('expected texts');
  return column;
}

/** Three parts of some values, and the values in another order. */
const divided = <T>(value: fc.Arbitrary<T>) =>
  fc.tuple(fc.array(value, { maxLength: 300 }), fc.nat(), fc.nat()).chain(([values, i, j]) => {
    const [a = 0, b = 0] = [i % (values.length + 1), j % (values.length + 1)].toSorted(
      (x, y) => x - y,
    );
    const parts = [values.slice(0, a), values.slice(a, b), values.slice(b)] as const;
    return fc.record({
      parts: fc.constant(parts),
      shuffled: fc.shuffledSubarray(values, {
        minLength: values.length,
        maxLength: values.length,
      }),
    });
  });

describe('a sketch of numbers', () => {
  it('is the same in any order and however the numbers are divided', () => {
    const number = fc.oneof(fc.double(), fc.integer({ min: 0, max: 9 }), fc.constant(null));
    fc.assert(
      fc.property(divided(number), ({ parts: [a, b, c], shuffled }) => {
        const whole = numbersOf(shuffled);
        const [x, y, z] = [numbersOf(a), numbersOf(b), numbersOf(c)];
        expect(merged(x, y, z)).toEqual(whole);
        expect(merged(z, y, x)).toEqual(whole);
      }),
    );
  });

  it('keeps values up to the limit, and beyond it only in whole, whatever the order', () => {
    const values = Array.from({ length: MAX_NUMBERS }, (_, i) => i);
    const [some, more] = [numbersOf(values), numbersOf([...values.toReversed(), 0.5])];
    expect(some.values).toHaveLength(MAX_NUMBERS);
    expect(some.registers).toBeNull();
    expect(more.values).toBeNull();
    expect(merged(numbersOf([0.5]), some)).toEqual(more);
    expect(merged(more, some)).toMatchObject({ registers: more.registers });
  });

  it('takes values at a stride, as many as requested, and more than it looks at together', () => {
    const values = Float32Array.from({ length: 6000 }, (_, i) => (i % 3 === 1 ? i / 7 : -1));
    const sketch = new NumberSketch();
    sketch.addAll(values, 1, 3, 1999);
    const taken = Array.from({ length: 1999 }, (_, i) => Math.fround((3 * i + 1) / 7));
    expect(sketch.toState()).toEqual(numbersOf(taken));
    // Each by itself, so that no block has more than one.
    const single = new NumberSketch();
    for (const value of taken) single.addAll(Float64Array.of(value), 0, 1, 1);
    expect(single.toState()).toEqual(sketch.toState());
  });

  it('has exact moments and bounds, of the finite values', () => {
    const column = describeNumbers([2, 4, 4, 4, 5, 5, 7, 9, null, Number.NaN, Infinity]);
    expect(column).toMatchObject({ count: 11, nulls: 1, nan: 1, infinite: 1, min: 2, max: 9 });
    expect(column).toMatchObject({ mean: 5, standardDeviation: 2 });
    expect(column.distinct).toEqual({ count: 5, exact: true });
    expect(column.top?.slice(0, 2)).toEqual([
      { value: 4, count: 3 },
      { value: 5, count: 2 },
    ]);
  });

  it('has the standard deviation of numbers that are far from zero', () => {
    // Squares of float32 are exact: nothing is lost in the difference of two large sums.
    const column = describeNumbers(Array.from({ length: 1000 }, (_, i) => 16_000_000 + (i % 2)));
    expect(column.standardDeviation).toBe(0.5);
  });

  it('has no deviation where a square is no double, and no mean where the sum is none', () => {
    expect(describeNumbers([1e200, 1])).toMatchObject({ standardDeviation: null, max: 1e200 });
    expect(describeNumbers([Number.MAX_VALUE, Number.MAX_VALUE]).mean).toBeNull();
  });

  it('has quantiles within 0.8% of those of the values, and exact ones of few values', () => {
    const values = Array.from({ length: 3000 }, (_, i) => Math.exp(((i * 7919) % 3000) / 300));
    const sorted = values.toSorted((a, b) => a - b);
    const { quantiles } = describeNumbers(values);
    for (const { fraction, value } of quantiles) {
      const exact = sorted[Math.ceil(fraction * sorted.length) - 1] ?? 0;
      expect(Math.abs(value / exact - 1)).toBeLessThanOrEqual(0.008);
    }
    const years = Array.from({ length: 3000 }, (_, i) => 2015 + (i % 10));
    expect(describeNumbers(years).quantiles.map(({ value }) => value)).toEqual([
      2015, 2015, 2015, 2016, 2017, 2017, 2018, 2019, 2020, 2021, 2022, 2022, 2023, 2024, 2024,
    ]);
  });

  it('has a histogram in which every finite value is, whatever its size', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 300 }), (values) => {
        const { histogram, min, max } = describeNumbers(values);
        const finite = values.filter((value) => Number.isFinite(value)).length;
        expect(histogram.reduce((sum, { count }) => sum + count, 0)).toBe(finite);
        if (finite === 0) return;
        expect(histogram[0]?.from).toBe(min);
        expect(histogram.at(-1)?.to).toBe(max);
        for (const { from, to } of histogram) expect(from).toBeLessThanOrEqual(to);
      }),
      { examples: [[[-5e-324, -1e-323, -1.5e-323]], [[-Number.MAX_VALUE, Number.MAX_VALUE]]] },
    );
  });

  it('is not shown as one bar by a value that lies far from the others', () => {
    const { histogram } = describeNumbers([...Array.from({ length: 999 }, (_, i) => i), 1e12]);
    expect(Math.max(...histogram.map(({ count }) => count))).toBeLessThan(100);
  });

  it('of nothing says so', () => {
    expect(describeNumbers([null, Number.NaN])).toMatchObject({
      min: null,
      max: null,
      mean: null,
      standardDeviation: null,
      quantiles: [],
      histogram: [],
      top: [],
    });
  });
});

describe('a sketch of texts', () => {
  it('is the same in any order and however the texts are divided', () => {
    const text = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('a', 'b', null));
    fc.assert(
      fc.property(divided(text), ({ parts: [a, b, c], shuffled }) => {
        const whole = textsOf(shuffled);
        const [x, y, z] = [textsOf(a), textsOf(b), textsOf(c)];
        expect(merged(x, y, z)).toEqual(whole);
        expect(merged(z, x, y)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it('has counts, lengths and the most frequent texts', () => {
    expect(describeTexts(['red', 'blue', 'red', null, ''])).toMatchObject({
      count: 5,
      nulls: 1,
      distinct: { count: 3, exact: true },
      minLength: 0,
      maxLength: 4,
      meanLength: 2.5,
      top: [
        { value: 'red', count: 2 },
        { value: '', count: 1 },
        { value: 'blue', count: 1 },
      ],
    });
  });

  it('keeps no long text', () => {
    const column = describeTexts(['short', 'x'.repeat(1000)]);
    expect(column.top).toBeNull();
    expect(column.distinct).toEqual({ count: 2, exact: false });
    expect(JSON.stringify(column)).not.toContain('short');
  });
});

describe('profiles', () => {
  it('are merged column by column', () => {
    const of = (x: readonly number[]): ProfileState => ({
      sampledRows: x.length,
      features: [{ name: 'x', state: numbersOf(x) }],
      outputs: [{ name: 'toString', state: textsOf(x.map(String)) }],
    });
    const merger = new ProfileMerger();
    merger.add(of([1, 2]));
    merger.add(of([3]));
    expect(merger.finish()).toEqual(of([1, 2, 3]));
  });
});
