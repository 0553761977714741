import type { RunEstimate } from '@shardmill/client/services';
import { expect, it } from 'vitest';
import { estimateFields } from './estimate-fields.js';

const estimate: RunEstimate = {
  from: [
    { run: 'r2', output: 'out', finishedAt: '2026-01-02', rows: 9000, workerSeconds: 4.5 },
    { run: 'r1', output: 'out', finishedAt: '2026-01-01', rows: 1000, workerSeconds: 1 },
  ],
  rowsPerSecond: { low: 1000, likely: 1818, high: 2000 },
  workerSeconds: { low: 1800, likely: 1980, high: 3600 },
  workers: 2,
  seconds: { low: 900, likely: 990, high: 1800 },
  pricePerWorkerHour: 0.5,
  cost: { low: 0.25, likely: 0.275, high: 0.5 },
};

it('says time and cost with their ranges, and from which runs', () => {
  expect(estimateFields(estimate, { pool: 'cpu' })).toEqual([
    ['time', 'about 16 min 30 s (15 min 00 s to 30 min 00 s) with 2 workers of pool cpu'],
    ['', '1,820 (1,000 to 2,000) rows/s of one worker in 2 past runs: r2, r1'],
    ['cost', 'about 0.28 (0.25 to 0.5) at 0.5 a worker hour'],
  ]);
});

it('gives no range from a single run, and no cost without a price', () => {
  const single = (value: number) => ({ low: value, likely: value, high: value });
  const one: RunEstimate = {
    ...estimate,
    from: estimate.from.slice(0, 1),
    rowsPerSecond: single(2000),
    workerSeconds: single(1800),
    workers: 1,
    seconds: single(1800),
    pricePerWorkerHour: null,
    cost: null,
  };
  expect(estimateFields(one, 'here')).toEqual([
    ['time', 'about 30 min 00 s on this machine'],
    ['', '2,000 rows/s of one worker in 1 past run: r2'],
  ]);
});

it('gives worker time where no worker is there', () => {
  const idle = { ...estimate, workers: 0, seconds: null };
  expect(estimateFields(idle, { pool: 'gpu' })[0]).toEqual([
    'time',
    'about 33 min 00 s (30 min 00 s to 1 h 00 min) of worker time; no worker is there',
  ]);
});

it('estimates nothing without a past run, and says so', () => {
  expect(estimateFields(null, { pool: 'gpu' })).toEqual([
    ['time', 'not known: no past run of this job and model on pool gpu'],
  ]);
});
