import type { ErrorRecord, ShardmillError } from '@shardmill/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { ShardReport } from './report-shard-ends.js';
import { RunTally } from './run-tally.js';

const MINUTE = 60_000;
const unreachable: ErrorRecord = {
  code: 'STORE_UNREACHABLE',
  message: 'no answer',
  remedy: 'Try it later.',
};
const full: ErrorRecord = { code: 'DISK_FULL', message: 'no space left', remedy: 'Free some.' };

let now: number;
let notices: string[];
let stopped: ShardmillError[];
let tally: RunTally;
let report: ShardReport;
beforeEach(() => {
  now = 0;
  notices = [];
  stopped = [];
  tally = new RunTally({ rows: 1000, parts: 10 }, 0);
  report = new ShardReport({
    plan: { runId: 'r1', output: '/out' },
    tally,
    notice: (text) => notices.push(text),
    stop: (error) => stopped.push(error),
    now: () => now,
  });
});

describe('a store that does not answer', () => {
  const wait = () => report.ended(3, { kind: 'again', error: unreachable, spent: false });

  it('is reported once a minute, with how long it is still waited for', () => {
    for (now = 0; now < 2 * MINUTE; now += MINUTE / 4) wait();
    expect(notices).toHaveLength(2);
    expect(notices[0]).toMatch(/^shard 3: STORE_UNREACHABLE no answer; waiting for the store, 1 h/);
    expect(notices[1]).toMatch(/59 min/);
    expect([tally.retries, tally.shardsFailed]).toEqual([0, 0]);
  });

  it('stops the run after an hour without an answer for any shard, not sooner', () => {
    wait();
    now = 59 * MINUTE;
    wait();
    expect(stopped).toEqual([]);
    now = 60 * MINUTE;
    wait();
    expect(stopped).toMatchObject([{ code: 'STORE_UNREACHABLE' }]);
  });
});

it('says how long a full disk is waited for, and spends no attempt', () => {
  report.ended(1, { kind: 'again', error: full, spent: false, diskWaitMs: 5 * MINUTE });
  report.ended(2, { kind: 'again', error: full, spent: false, diskWaitMs: 5 * MINUTE });
  expect(notices).toEqual([expect.stringMatching(/waiting for space, 5 min.* at most/)]);
  expect(tally.retries).toBe(0);
});

it('has the shards that failed for good by their numbers, with their attempts', () => {
  const error: ErrorRecord = { code: 'PART_TIMEOUT', message: 'too long', remedy: 'Raise it.' };
  report.ended(7, { kind: 'failed', error, attempts: 3 });
  report.ended(2, { kind: 'again', error, spent: true });
  report.ended(2, { kind: 'failed', error, attempts: 3 });
  expect(report.failures).toEqual([
    { shard: 2, error, attempts: 3 },
    { shard: 7, error, attempts: 3 },
  ]);
  expect([tally.retries, tally.shardsFailed]).toEqual([1, 2]);
});

it('stops the run where a later run has taken its place', () => {
  report.ended(0, { kind: 'run-gone', deletedParts: 1 });
  expect(stopped).toMatchObject([{ code: 'PLAN_MISMATCH', message: /later run took its place/ }]);
});
