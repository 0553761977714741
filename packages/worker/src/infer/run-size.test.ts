import { describe, expect, it } from 'vitest';
import { RunSize } from './run-size.js';

/** Feeds batches of 8,192 rows to it. @returns the sizes that it gave. */
function feed(
  runSize: RunSize,
  batches: number,
  microsecondsPerRow: (size: number, batch: number) => number,
): number[] {
  return Array.from({ length: batches }, (_, batch) => {
    const size = runSize.forBatch(8192);
    runSize.record(8192, size, (8192 * microsecondsPerRow(size, batch)) / 1000);
    return size;
  });
}

describe('the rows of one call', () => {
  it('are those with which a batch was fastest', () => {
    const runSize = new RunSize();
    const given = feed(runSize, 12, (size) => (size === 1024 ? 1 : 1.5));
    expect(new Set(given)).toEqual(new Set([Infinity, 2048, 1024, 512]));
    expect(runSize.forBatch(8192)).toBe(1024);
    expect(runSize.forBatch(10)).toBe(1024);
  });

  it('are the whole batch where smaller calls gain next to nothing', () => {
    const runSize = new RunSize();
    feed(runSize, 12, (size) => (size === Infinity ? 1 : 0.97));
    expect(runSize.forBatch(8192)).toBe(Infinity);
  });

  it('are not decided by batches that were disturbed', () => {
    const runSize = new RunSize();
    feed(runSize, 12, (size, batch) => (size === Infinity ? 1 : 1.5) * (batch < 8 ? 10 : 1));
    expect(runSize.forBatch(8192)).toBe(Infinity);
  });

  it('are not tried out on small batches', () => {
    const runSize = new RunSize();
    for (let i = 0; i < 100; i++) {
      expect(runSize.forBatch(4000)).toBe(Infinity);
      runSize.record(4000, Infinity, 1);
    }
    expect(feed(runSize, 4, () => 1)).toEqual([Infinity, 2048, 1024, 512]);
  });
});
