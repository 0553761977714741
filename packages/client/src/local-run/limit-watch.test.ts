import { setTimeout as sleep } from 'node:timers/promises';
import { RECORD_FORMAT, type ShardRecord, type ShardmillError } from '@shardmill/core';
import { afterEach, describe, expect, it } from 'vitest';
import { LimitWatch, type LimitWatchOptions } from './limit-watch.js';

let watch: LimitWatch | undefined;
afterEach(() => watch?.close());

/** A watch over three shards, and the errors with which it has stopped the run. */
function watched(change: Partial<LimitWatchOptions>): {
  readonly watch: LimitWatch;
  readonly stops: ShardmillError[];
} {
  const stops: ShardmillError[] = [];
  watch = new LimitWatch({
    limits: {},
    pool: 'cpu',
    prices: { cpu: 3600 },
    shards: 3,
    stop: (error) => stops.push(error),
    now: Date.now,
    ...change,
  });
  return { watch, stops };
}

const recordOf = (workerSeconds: number): ShardRecord => ({
  format: RECORD_FORMAT,
  runId: 'r',
  planDigest: 'd',
  shard: 0,
  rows: { read: 0, scored: 0, rejected: 0, filtered: 0 },
  parts: [],
  statistics: {},
  seconds: { worker: workerSeconds },
});

describe('the limit of cost of a local run', () => {
  it('stops it when the records have cost as much, those of earlier starts included', () => {
    const { watch: limits, stops } = watched({ limits: { maxCost: 10 } });
    limits.done(recordOf(6));
    expect(stops).toEqual([]);
    limits.done(recordOf(4));
    expect(stops).toMatchObject([{ code: 'MAX_COST_REACHED' }]);
  });

  it('stops nothing where no shard is left, done or failed', () => {
    const { watch: limits, stops } = watched({ limits: { maxCost: 10 } });
    limits.failed();
    limits.done(recordOf(5));
    limits.done(recordOf(50));
    expect(stops).toEqual([]);
  });
});

describe('the limit of time of a local run', () => {
  it('stops it when the time is over, though no shard is done', async () => {
    const stopped = new Promise<ShardmillError>((stop) => {
      watched({ limits: { maxDuration: '20ms' }, stop });
    });
    expect(await stopped).toMatchObject({ code: 'MAX_DURATION_REACHED' });
  });

  it('stops nothing once the run has ended', async () => {
    const { watch: limits, stops } = watched({ limits: { maxDuration: '20ms' } });
    limits.close();
    await sleep(60);
    expect(stops).toEqual([]);
  });
});
