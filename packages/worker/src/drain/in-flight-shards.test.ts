import type { PlannedShard } from '@shardmill/core';
import type { ShardMessage } from '@shardmill/queue';
import { beforeEach, expect, test } from 'vitest';
import type { PartProgress } from '../part/part-progress.js';
import { taskOf } from '../testing/sample-plan.js';
import { InFlightShards } from './in-flight-shards.js';

const message: ShardMessage = {
  run: 'run',
  planRun: 'plan-run',
  output: '/out',
  planDigest: 'd',
  shard: 4,
  page: 0,
  rows: 200,
  round: 0,
  attempts: 3,
  partTimeoutMs: 1000,
  diskFullWaitMs: 1000,
  resources: {},
};
const shard: PlannedShard = {
  shard: 4,
  rows: 200,
  files: [],
  parts: [0, 1].map((part) => ({ part, rows: 100, slices: [] })),
};
const task = taskOf(message);
const at = (part: number, scored: number, change: Partial<PartProgress> = {}): PartProgress => ({
  shard: 4,
  part,
  scored,
  rejected: 0,
  finished: null,
  resumed: false,
  ...change,
});
const finished = (part: number): PartProgress =>
  at(part, 80, {
    rejected: 5,
    finished: {
      part,
      rows: { read: 100, scored: 80, rejected: 5, filtered: 15 },
      object: { key: 'k', bytes: 1, sha256: 's' },
      rejected: null,
    },
  });

let tasks: InFlightShards;
beforeEach(() => {
  tasks = new InFlightShards();
  tasks.add(task, 0);
  tasks.scoring(message, shard);
});

test('rows of a shard are those of its parts, finished or not', () => {
  tasks.progress(message, finished(0), 10);
  tasks.progress(message, at(1, 30, { rejected: 2 }), 20);
  expect(tasks.list(() => 4.5)).toEqual([
    {
      run: 'run',
      shard: 4,
      startedAt: '1970-01-01T00:00:00.000Z',
      scored: 110,
      rejected: 7,
      filtered: 15,
      workerSeconds: 4.5,
    },
  ]);
});

test('rows that an engine took with it do not count', () => {
  tasks.progress(message, finished(0), 10);
  tasks.progress(message, at(1, 30), 20);
  tasks.startOver(message);
  expect(tasks.list(() => 0)).toMatchObject([{ scored: 80 }]);
});

test('a part is finished once', () => {
  expect(tasks.progress(message, at(0, 30), 10)).toBe(false);
  expect(tasks.progress(message, finished(0), 20)).toBe(true);
  expect(tasks.progress(message, finished(0), 30)).toBe(false);
});

test('the rate is that of rows scored here in the last ten seconds', () => {
  tasks.progress(message, at(0, 30), 1000);
  tasks.progress(message, finished(0), 2000);
  tasks.progress(message, { ...finished(1), resumed: true }, 2000);
  expect(tasks.rowsPerSecond(2000)).toBe(10);
  expect(tasks.rowsPerSecond(11_500)).toBe(7);
  expect(tasks.rowsPerSecond(12_000)).toBe(0);
});

test('a shard that has not come to a part has nothing to finish', () => {
  expect(tasks.inFlight(task, 0)).toEqual({ hasPart: false, remainingMs: 0 });
});

test('what is left of a part is judged by the parts before it', () => {
  tasks.progress(message, at(0, 0), 1000);
  tasks.progress(message, finished(0), 3000);
  expect(tasks.inFlight(task, 3000)).toEqual({ hasPart: false, remainingMs: 0 });
  tasks.progress(message, at(1, 0), 3000);
  expect(tasks.inFlight(task, 3500)).toEqual({ hasPart: true, remainingMs: 1500 });
});

test('the slowest part counts', () => {
  tasks.progress(message, at(0, 50), 0);
  tasks.progress(message, at(1, 0), 0);
  expect(tasks.inFlight(task, 1000).remainingMs).toBe(Number.POSITIVE_INFINITY);
});

test('a shard of which all parts are finished has its record to be written', () => {
  tasks.progress(message, finished(0), 10);
  tasks.progress(message, finished(1), 20);
  expect(tasks.inFlight(task, 30)).toEqual({ hasPart: true, remainingMs: 0 });
});
