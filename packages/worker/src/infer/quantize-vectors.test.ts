import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantizeVectors } from './quantize-vectors.js';

const quantize = (...vector: number[]): ReturnType<typeof quantizeVectors> =>
  quantizeVectors(Float32Array.from(vector), 1, vector.length);

describe('vectors as whole numbers of 8 bits', () => {
  it('are within half of a step of what they were, and their greatest element is 127 steps', () => {
    // From where floats have all of their digits.
    const element = fc
      .float({ noNaN: true, noDefaultInfinity: true, max: 2 ** 100, min: -(2 ** 100) })
      .map((value) => (Math.abs(value) < 2 ** -100 ? 0 : value));
    fc.assert(
      fc.property(fc.array(element, { minLength: 1, maxLength: 9 }), (vector) => {
        const { values, scales } = quantize(...vector);
        const [scale = Number.NaN] = scales;
        for (const [i, value] of vector.entries()) {
          expect(Math.abs((values[i] ?? 0) * scale - value)).toBeLessThanOrEqual(0.50001 * scale);
        }
        const most = Math.max(...Array.from(values, Math.abs));
        expect(most).toBe(vector.some((value) => value !== 0) ? 127 : 0);
      }),
      { numRuns: 300 },
    );
  });

  it('have a scale of their own in each row', () => {
    const { values, scales } = quantizeVectors(Float32Array.of(127, -254, 0, 0, 1, 0.5), 3, 2);
    expect(values).toEqual(Int8Array.of(64, -127, 0, 0, 127, 64));
    expect(scales).toEqual(Float32Array.of(2, 0, 1 / 127));
  });

  it('have no scale where an element is not finite', () => {
    expect(quantize(1, Number.NaN)).toEqual({
      values: Int8Array.of(0, 0),
      scales: Float32Array.of(Number.NaN),
    });
    expect(quantize(-Infinity, 1).scales[0]).toBeNaN();
  });

  it('do not overflow where the scale is one of the smallest floats', () => {
    const { values } = quantize(2.6e-43, -2.6e-43);
    expect([...values]).toEqual([127, -127]);
  });
});
