import { describe, expect, test } from 'vitest';
import { shouldRelease } from './drain-plan.js';
import { remainingMs } from './remaining-time.js';

const part = { rows: 1000, done: 0, begunAt: 0 };

describe('how long a part will take', () => {
  test('is what the parts before it took, less what it has had', () => {
    expect(remainingMs(part, 10, 4000)).toBe(6000);
  });

  test('is a quarter of its time so far where it is slower than those', () => {
    expect(remainingMs(part, 10, 12_000)).toBe(3000);
  });

  test('is judged by its own rows where it is the first, with time for writing', () => {
    expect(remainingMs({ ...part, done: 500 }, undefined, 4000)).toBe(4000 * 1.25 + 500);
  });

  test('is not known where no row is done', () => {
    expect(remainingMs(part, undefined, 4000)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('a worker that has to stop', () => {
  test.each([
    ['a part that fits', { hasPart: true, remainingMs: 3000 }, 25_000, false],
    ['a part that does not fit', { hasPart: true, remainingMs: 24_500 }, 25_000, true],
    ['a part of which nothing is known', { hasPart: true, remainingMs: Infinity }, 25_000, true],
    ['a shard without a part that has begun', { hasPart: false, remainingMs: 0 }, 25_000, true],
    ['a record to be written', { hasPart: true, remainingMs: 0 }, 2000, false],
    ['anything when the time is over', { hasPart: true, remainingMs: 0 }, 900, true],
  ])('with %s', (_what, inFlight, timeLeft, expected) => {
    expect(shouldRelease(inFlight, timeLeft)).toBe(expected);
  });
});
