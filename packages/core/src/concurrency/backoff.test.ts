import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.js';

const ALMOST_ONE = 1 - 2 ** -53;

describe('the wait before another try', () => {
  it('doubles with each failure up to its longest', () => {
    const backoff = { firstMs: 100, maxMs: 1500, jitter: 'half' } as const;
    const longest = [1, 2, 3, 4, 5, 6, 1e9].map((n) => backoffMs(backoff, n, ALMOST_ONE));
    expect(longest).toEqual([100, 200, 400, 800, 1500, 1500, 1500]);
  });

  it('is as long as it can be without jitter', () => {
    const backoff = { firstMs: 100, maxMs: 300, jitter: 'none' } as const;
    expect([1, 2, 3].map((n) => backoffMs(backoff, n))).toEqual([100, 200, 300]);
  });

  it('is drawn from all of its length, or from its second half', () => {
    const times = { firstMs: 1000, maxMs: 1000 };
    expect(backoffMs({ ...times, jitter: 'full' }, 1, 0)).toBe(0);
    expect(backoffMs({ ...times, jitter: 'full' }, 1, 0.25)).toBe(250);
    expect(backoffMs({ ...times, jitter: 'half' }, 1, 0)).toBe(500);
    expect(backoffMs({ ...times, jitter: 'half' }, 1, 0.5)).toBe(750);
  });
});
