import { expect, it } from 'vitest';
import { formatCount, formatShare } from './format-count.js';

it.each([0, 7, 999, 1000, 12_345, 999_999.6, 1_234_567, -1000, -123, 2 ** 53 - 1])(
  'writes %d with a comma before each three digits, as Intl does',
  (n) => {
    const byIntl = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
    expect(formatCount(n)).toBe(byIntl.format(n));
  },
);

it.each([
  [5, 105, '4.8%'],
  [20, 20, '100%'],
  [9996, 10_000, '99.96%'],
  [1, 3_000_000, '0.000033%'],
  [0, 7, '0%'],
])('writes %d of %d as %s', (part, whole, expected) => {
  expect(formatShare(part, whole)).toBe(expected);
});
