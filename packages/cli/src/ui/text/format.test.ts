import { expect, it } from 'vitest';
import {
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  formatValue,
  plural,
} from './format.js';

it('counts have thousands separators', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567');
  expect(plural(1, 'row')).toBe('1 row');
  expect(plural(7043, 'row')).toBe('7,043 rows');
});

it('sizes have three digits', () => {
  const sizes = [0, 999, 1000, 12_345, 999_499, 999_600, 205_954_000, 3.2e12];
  expect(sizes.map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.00 kB',
    '12.3 kB',
    '999 kB',
    '1.00 MB',
    '206 MB',
    '3.20 TB',
  ]);
});

it('durations change unit without odd steps', () => {
  const times = [0, 999, 999.7, 1200, 9949, 9950, 59_400, 59_600, 200_000, 3_599_600, 7_500_000];
  expect(times.map(formatDuration)).toEqual([
    '0 ms',
    '999 ms',
    '1.0 s',
    '1.2 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min 00 s',
    '3 min 20 s',
    '1 h 00 min',
    '2 h 05 min',
  ]);
});

it('clocks count whole seconds up', () => {
  expect([0, 100, 41_000, 727_000, 11_100_000].map(formatClock)).toEqual([
    '0:00',
    '0:01',
    '0:41',
    '12:07',
    '3:05:00',
  ]);
});

it('percentages are rounded down', () => {
  expect(formatPercent(999, 1000)).toBe('99%');
  // How much there is may not be known yet.
  expect(formatPercent(0, 0)).toBe('–');
});

it('rates have three digits', () => {
  expect([0.421, 12.34, 5869, 84_217, 811_999, 1_234_567].map(formatRate)).toEqual([
    '0.421',
    '12.3',
    '5,870',
    '84,200',
    '812,000',
    '1.23 M',
  ]);
});

it('values of the data have four', () => {
  expect([0.265_31, -12.5, 0, 1_234_567.8, 1e-9].map(formatValue)).toEqual([
    '0.2653',
    '-12.5',
    '0',
    '1,234,568',
    '1e-9',
  ]);
});
