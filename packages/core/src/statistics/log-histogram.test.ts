import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FloatBlock } from './float-block.js';
import { LogHistogram } from './log-histogram.js';

function histogramOf(values: readonly number[]): LogHistogram {
  const histogram = new LogHistogram();
  for (const value of values) histogram.add(value, 1);
  return histogram;
}

/** The value of nearest rank, from the values themselves. */
function exactQuantile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(fraction * sorted.length)) - 1] ?? Number.NaN;
}

const normal = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .filter((value) => value === 0 || Math.abs(value) > 2.3e-308);
const fractions = [0, 0.1, 0.25, 0.5, 0.9, 0.99, 1];

describe('LogHistogram', () => {
  it('gives every quantile within 0.8 % of its value, whatever the values', () => {
    fc.assert(
      fc.property(fc.array(normal, { minLength: 1, maxLength: 200 }), (values) => {
        const seen = histogramOf(values).quantiles(fractions);
        for (const [i, fraction] of fractions.entries()) {
          const exact = exactQuantile(values, fraction);
          expect(Math.abs((seen[i] ?? Number.NaN) - exact)).toBeLessThanOrEqual(
            Math.abs(exact) * 0.008,
          );
        }
      }),
    );
  });

  it('of parts that are merged is the one of the whole', () => {
    fc.assert(
      fc.property(fc.array(normal), fc.nat(), (values, cut) => {
        const at = values.length === 0 ? 0 : cut % values.length;
        const merged = histogramOf(values.slice(0, at));
        merged.merge(histogramOf(values.slice(at)).toBuckets());
        expect(merged.toBuckets()).toEqual(histogramOf(values).toBuckets());
      }),
    );
  });

  it('orders negative numbers, zero and positive numbers', () => {
    const histogram = histogramOf([5, -3, 0, -1000, 1e-9, -0]);
    const points = histogram.points();
    expect(points.map(({ count }) => count)).toEqual([1, 1, 2, 1, 1]);
    expect(points[2]).toEqual({ value: 0, count: 2 });
    expect(points.map(({ value }) => value)).toEqual(
      points.map(({ value }) => value).toSorted((a, b) => a - b),
    );
  });

  it('of nothing has no quantile', () => {
    expect(new LogHistogram().toBuckets()).toEqual([]);
    expect(new LogHistogram().quantiles([0.5])).toEqual([Number.NaN]);
  });

  it('of a block is that of its values one by one', () => {
    const values = [0, 1.5, -2.5, 1e-300, 7, 7, -Number.MAX_VALUE];
    const block = new FloatBlock();
    // What lies behind the values is of another block.
    block.values.set([...values, 3]);
    block.length = values.length;
    const histogram = new LogHistogram();
    histogram.addBlock(block);
    expect(histogram.toBuckets()).toEqual(histogramOf(values).toBuckets());
    expect(histogramOf([-0]).toBuckets()).toEqual(histogramOf([0]).toBuckets());
  });
});
