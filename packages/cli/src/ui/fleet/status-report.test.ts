import type { ShardFailure } from '@shardmill/core';
import type { RunView } from '@shardmill/queue';
import { describe, expect, it } from 'vitest';
import type { RunSnapshot } from '@shardmill/client/fleet';
import { PLAIN, sampleScheduler, sampleView, sampleWorker } from '../../testing/samples.js';
import { type ShownStatus, statusReport } from './status-report.js';
import { visibleLength } from '../text/text-layout.js';

const NOW = Date.parse('2026-11-22T05:03:20.000Z');

const snapshot = (changes: Partial<RunSnapshot> = {}): RunSnapshot => ({
  view: sampleView(),
  from: 'scheduler',
  processes: [sampleScheduler, sampleWorker()],
  ...changes,
});

function report(changes: Partial<ShownStatus> = {}): string {
  const text = statusReport(
    {
      snapshot: snapshot(),
      request: { submittedBy: 'ann@laptop', key: null },
      failures: [],
      failuresAt: undefined,
      ...changes,
    },
    NOW,
    PLAIN,
  );
  for (const line of text.split('\n')) expect(visibleLength(line)).toBeLessThanOrEqual(80);
  return text;
}

const failure: ShardFailure = {
  format: 'shardmill-failure/1',
  runId: 'r',
  planDigest: 'd',
  round: 0,
  shard: 7,
  code: 'ENGINE_CRASHED',
  message: 'the engine process ended with SIGSEGV',
  remedy: 'look at it',
  story: [1, 2].map((minute) => ({
    worker: 'node7-4711-ab12cd',
    startedAt: `2026-11-22T05:0${minute}:00.000Z`,
    endedAt: `2026-11-22T05:0${minute}:02.500Z`,
    error: {
      code: 'ENGINE_CRASHED',
      message: 'the engine process ended with SIGSEGV',
      remedy: 'look at it',
    },
  })),
};

describe('status', () => {
  it('says what the run has used so far', () => {
    const usage = { pool: 'cpu', workerSeconds: 4000, unfinishedSeconds: 320 };
    const lineOf = (view: Partial<RunView>, name: string): string | undefined =>
      report({ snapshot: snapshot({ view: sampleView(view) }) })
        .split('\n')
        .find((line) => line.trim().startsWith(name));
    expect(lineOf({ usage }, 'work')).toContain('1 h 12 min of worker time, 5 min 20 s of it in');
    const priced = { ...usage, pricePerWorkerHour: 0.5, cost: 0.6 };
    expect(lineOf({ usage: priced }, 'cost')).toContain('0.6: 1 h 12 min of worker time');
    expect(lineOf({ usage: { pool: 'cpu', workerSeconds: 0 } }, 'work')).toBeUndefined();
  });

  it('of a run whose engines had no room, in units of what a call is sized by', () => {
    const lineOf = (rows: number | null): string | undefined => {
      const memory = { times: 2, rows, unit: 'token', lanes: 1 } as const;
      return report({ snapshot: snapshot({ view: sampleView({ memory }) }) })
        .split('\n')
        .find((line) => line.includes('memory'));
    };
    expect(lineOf(32)).toBe(
      '  memory     ran out 2 times; scored with at most 32 tokens a call in 1 lane',
    );
    expect(lineOf(null)).toBe('  memory     ran out 2 times; scored with at most 1 lane');
  });

  it('of a run under way: rows, shards, speed, who, where, and what to do', () => {
    expect(report().split('\n')).toEqual([
      '● churn running  20261122T050000Z-3f9a1c20',
      '',
      '  rows       3,200,000 of 7,043,000 (45%), 12 rejected, 1,000 filtered',
      '  shards     12 of 27 done, 2 active, 13 waiting',
      '  speed      400,000 rows/s with 2 workers, about 9.6 s left',
      '  retries    3',
      '  submitted  2026-11-22 05:00:00 UTC, 3 min 20 s ago, by ann@laptop',
      '  output     out/churn',
      '  seen       by the scheduler, 1.0 s ago',
      '',
      '  follow it: shardmill watch 20261122T050000Z-3f9a1c20',
    ]);
  });

  it('of a run that is not planned says so, and what is missing', () => {
    const view = sampleView({
      state: 'submitted',
      rowsPlanned: 0,
      rowsDone: 0,
      rowsRejected: 0,
      shards: { planned: 0, done: 0, failed: 0, active: 0, waiting: 0, delayed: 0 },
    });
    const text = report({ snapshot: snapshot({ view, from: 'objects', processes: [] }) });
    expect(text).toContain('rows       not planned yet');
    expect(text).toContain('waiting: no scheduler is there; start one: shardmill scheduler');
  });

  it('without Redis says that it read the stores', () => {
    const text = report({ snapshot: snapshot({ from: 'objects', processes: undefined }) });
    expect(text).toContain('seen       in the stores: Redis does not answer');
  });

  it('of a failed run shows the attempts of shards that failed, and where the rest is', () => {
    const view = sampleView({
      state: 'failed',
      endedAt: '2026-11-22T05:02:00.000Z',
      shards: { planned: 27, done: 25, failed: 2, active: 0, waiting: 0, delayed: 0 },
      error: { code: 'SHARDS_FAILED', message: '2 of 27 shards failed', remedy: 'Fix it.' },
    });
    const text = report({
      snapshot: snapshot({ view }),
      failures: [failure],
      failuresAt: 's3://lake/f/',
    });
    expect(text).toContain('error SHARDS_FAILED  2 of 27 shards failed');
    expect(text).toContain('✗ shard 7  ENGINE_CRASHED the engine process ended with SIGSEGV');
    expect(text).toMatch(/attempt 1, 2026-11-22 05:01:02, after 2\.5 s, node7-4711-ab12cd:/);
    expect(text).toMatch(/attempt 2, .*: the same/);
    expect(text).toContain('and 1 more shard');
    expect(text).toContain('all of them: s3://lake/f/');
    expect(text).toContain('shardmill retry 20261122T050000Z-3f9a1c20');
    expect(text).toContain('took       2 min 00 s');
  });
});
