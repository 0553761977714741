import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DistinctSketch } from './distinct-sketch.js';
import { hashNumber, hashText } from './hash-value.js';

function sketchOf(values: Iterable<number | string>): DistinctSketch {
  const sketch = new DistinctSketch();
  for (const value of values) {
    sketch.add(typeof value === 'number' ? hashNumber(value) : hashText(value));
  }
  return sketch;
}

/** Three standard errors. */
const MAX_ERROR = 3 * 0.023;

describe('the number of different values', () => {
  const kinds: [string, (i: number) => number | string][] = [
    ['whole numbers', (i) => i],
    ['fractions', (i) => Math.fround(i / 7919)],
    ['large numbers', (i) => 1.7e9 + 60 * i],
    ['texts', (i) => `customer-${i}`],
    ['texts that differ at their beginning', (i) => `${i}-customer`],
  ];
  for (const [kind, of] of kinds) {
    it(`of ${kind} is within three standard errors`, () => {
      const sketch = new DistinctSketch();
      let next = 0;
      for (const n of [100, 1_000, 5_000, 20_000, 100_000]) {
        for (; next < n; next++) {
          const value = of(next);
          sketch.add(typeof value === 'number' ? hashNumber(value) : hashText(value));
        }
        expect(Math.abs(sketch.estimate() / n - 1)).toBeLessThan(MAX_ERROR);
      }
    });
  }

  it('of nothing is none', () => {
    expect(new DistinctSketch().estimate()).toBe(0);
  });

  it('is the same in any order, with repetitions, and however it is divided', () => {
    fc.assert(
      fc.property(fc.array(fc.double()), fc.array(fc.double()), (a, b) => {
        const whole = sketchOf([...a, ...b]).toText();
        expect(sketchOf([...b, ...a, ...b]).toText()).toBe(whole);
        const merged = sketchOf(b);
        merged.merge(sketchOf(a).toText());
        expect(merged.toText()).toBe(whole);
      }),
    );
  });

  it('counts 0 and -0 as one', () => {
    expect(sketchOf([0]).toText()).toBe(sketchOf([-0]).toText());
  });
});
