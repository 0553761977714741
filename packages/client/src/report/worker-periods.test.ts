import { describe, expect, it } from 'vitest';
import { workerPeriods } from './worker-periods.js';

const shard = (worker: string, startMs: number, endMs: number, rows = 10) => ({
  shard: 0,
  worker,
  startMs,
  endMs,
  rows,
  failedAttempts: 0,
});
const at = (ms: number): string => new Date(ms).toISOString();

describe('the times of workers', () => {
  it('count shards that overlap once, and leave out pauses', () => {
    const found = workerPeriods([
      shard('a', 0, 10_000),
      shard('a', 5_000, 12_000),
      shard('a', 50_000, 60_000),
    ]);
    expect(found).toEqual([
      {
        worker: 'a',
        shards: 3,
        rows: 30,
        busySeconds: 22,
        busy: [
          [at(0), at(12_000)],
          [at(50_000), at(60_000)],
        ],
      },
    ]);
  });

  it('close gaps that are too short to be seen, and do not count them', () => {
    const [found] = workerPeriods([shard('a', 0, 50_000), shard('a', 50_100, 100_000)]);
    expect(found).toMatchObject({ busySeconds: 99.9, busy: [[at(0), at(100_000)]] });
  });

  it('begin with the worker that did the most rows', () => {
    const found = workerPeriods([shard('a', 0, 1, 5), shard('b', 0, 1, 9), shard('c', 0, 1, 5)]);
    expect(found.map(({ worker }) => worker)).toEqual(['b', 'a', 'c']);
  });
});
