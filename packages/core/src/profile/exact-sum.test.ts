import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactSum, parseUnits, toDouble, UNIT_EXPONENT } from './exact-sum.js';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

function sumOf(values: readonly number[]): ExactSum {
  const sum = new ExactSum();
  for (const value of values) sum.add(value);
  return sum;
}

const rounded = (sum: ExactSum): number => toDouble(sum.units(), UNIT_EXPONENT);

describe('an exact sum', () => {
  it('is the same in any order and however it is divided', () => {
    fc.assert(
      fc.property(fc.array(finite), fc.array(finite), (a, b) => {
        const whole = sumOf([...a, ...b]).toText();
        expect(sumOf([...b, ...a].toReversed()).toText()).toBe(whole);
        const merged = sumOf(a);
        merged.merge(sumOf(b).toText());
        expect(merged.toText()).toBe(whole);
      }),
    );
  });

  it('of one value is that value, of two what a double addition rounds to', () => {
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        expect(rounded(sumOf([a])) + 0).toBe(a + 0);
        expect(rounded(sumOf([a, b]))).toBe(a + b + 0);
      }),
    );
  });

  it('loses nothing where values cancel, or differ much in size', () => {
    expect(rounded(sumOf([1e300, 1, -1e300, 1e-300, 2]))).toBe(3);
    expect(rounded(sumOf([1e308, 1e308, -1e308]))).toBe(1e308);
    expect(rounded(sumOf(Array.from({ length: 10 }, () => 0.1)))).toBe(1);
    expect(rounded(sumOf([Number.MIN_VALUE, Number.MIN_VALUE]))).toBe(2 * Number.MIN_VALUE);
    expect(rounded(sumOf([Number.MAX_VALUE, Number.MAX_VALUE]))).toBe(Infinity);
  });

  it('rounds what is half-way to even, and a little more upwards', () => {
    const one = 2 ** 53;
    expect(rounded(sumOf([one, 1]))).toBe(one);
    expect(rounded(sumOf([one, 1, 2 ** -60]))).toBe(one + 2);
    expect(rounded(sumOf([one + 2, 1]))).toBe(one + 4);
  });

  it('is stored as an integer and a power of two', () => {
    expect(sumOf([]).toText()).toBe('0');
    expect(sumOf([0.75]).toText()).toBe('3p-2');
    expect(sumOf([-12]).toText()).toBe('-3p2');
    expect(() => parseUnits('3.5')).toThrow(SyntaxError);
  });
});
