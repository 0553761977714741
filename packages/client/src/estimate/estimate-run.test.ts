import { describe, expect, it } from 'vitest';
import { estimateRun, type PastRun, type RunToEstimate } from './estimate-run.js';

const past = (rows: number, workerSeconds: number): PastRun => ({
  run: `r${rows}`,
  output: 'out',
  finishedAt: '2026-01-01T00:00:00.000Z',
  rows,
  workerSeconds,
});

const run = (change: Partial<RunToEstimate>): RunToEstimate => ({
  rows: 3600_000,
  shards: 100,
  pastRuns: [past(1000, 1), past(9000, 4.5)],
  workers: 2,
  pricePerWorkerHour: 0.5,
  ...change,
});

describe('the estimate of a run', () => {
  it('is the pace of all past runs together, within that of the fastest and the slowest', () => {
    const estimate = estimateRun(run({}));
    expect(estimate?.rowsPerSecond).toEqual({ low: 1000, likely: 10_000 / 5.5, high: 2000 });
    expect(estimate?.workerSeconds).toEqual({ low: 1800, likely: 1980, high: 3600 });
    expect(estimate?.seconds).toEqual({ low: 900, likely: 990, high: 1800 });
    expect(estimate?.cost).toEqual({ low: 0.25, likely: 0.275, high: 0.5 });
    expect(estimate?.from.map(({ run: id }) => id)).toEqual(['r1000', 'r9000']);
  });

  it('is none without a past run, nor from runs that say nothing', () => {
    expect(estimateRun(run({ pastRuns: [] }))).toBeNull();
    expect(estimateRun(run({ pastRuns: [past(0, 3), past(10, 0)] }))).toBeNull();
  });

  it('has no time where it is not known how many workers there are, or where there are none', () => {
    expect(estimateRun(run({ workers: undefined }))).toMatchObject({
      workers: null,
      seconds: null,
      cost: { likely: 0.275 },
    });
    expect(estimateRun(run({ workers: 0 }))).toMatchObject({ workers: 0, seconds: null });
  });

  it('counts no more workers than there are shards for', () => {
    const estimate = estimateRun(run({ workers: 50, shards: 4 }));
    expect(estimate).toMatchObject({ workers: 4, seconds: { likely: 495 } });
  });

  it('has no cost without a price', () => {
    expect(estimateRun(run({ pricePerWorkerHour: undefined }))).toMatchObject({
      pricePerWorkerHour: null,
      cost: null,
    });
  });
});
