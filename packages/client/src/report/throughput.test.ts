import { describe, expect, it } from 'vitest';
import { throughputOf } from './throughput.js';

const work = (startMs: number, endMs: number, rows: number) => ({ shard: 0, rows, startMs, endMs });

describe('rows over time', () => {
  it('are not known where no part has times', () => {
    expect(throughputOf([], 100)).toBeNull();
  });

  it('are spread evenly over the time of their part, and none is lost', () => {
    const found = throughputOf([work(0, 60_000, 600), work(30_000, 60_000, 300)], 7);
    expect(found).toMatchObject({ rows: 900, untimedRows: 7, binSeconds: 1 });
    expect(found?.from).toBe('1970-01-01T00:00:00.000Z');
    expect(found?.bins.slice(0, 30).every((rows) => Math.abs(rows - 10) < 1e-9)).toBe(true);
    expect(found?.bins.slice(30).every((rows) => Math.abs(rows - 20) < 1e-9)).toBe(true);
  });

  it('add up to all rows whatever the times are', () => {
    const parts = Array.from({ length: 97 }, (_, i) =>
      work((i * 7919) % 1009, ((i * 7919) % 1009) + ((i * 31) % 53), i),
    );
    const found = throughputOf(parts, 0);
    const sum = found?.bins.reduce((total, rows) => total + rows, 0);
    expect(sum).toBeCloseTo(
      parts.reduce((total, { rows }) => total + rows, 0),
      6,
    );
  });

  it('of parts within one tick of the clock are in one bin', () => {
    expect(throughputOf([work(5, 5, 10)], 0)?.bins[0]).toBe(10);
  });
});
