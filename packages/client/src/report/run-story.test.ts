import { describe, expect, it } from 'vitest';
import type { ShardFailure } from '@shardmill/core';
import { retriedShards } from './run-story.js';

const attempt = {
  worker: 'w',
  startedAt: '2026-11-22T06:00:00.000Z',
  endedAt: '2026-11-22T06:00:01.000Z',
  error: { code: 'ENGINE_CRASHED', message: 'it is gone', remedy: 'try again' },
} as const;
const failure = (shard: number, round: number): ShardFailure => ({
  format: 'shardmill-failure/1',
  runId: 'r',
  planDigest: 'd',
  round,
  shard,
  code: 'ENGINE_CRASHED',
  message: 'it is gone',
  remedy: 'try again',
  story: [attempt, attempt],
});

describe('shards with failed attempts', () => {
  it('begin with those that failed for good, then those that were tried most often', () => {
    const { shards, list } = retriedShards(
      [
        { shard: 1, attempts: [attempt] },
        { shard: 2, attempts: [attempt, attempt] },
      ],
      [failure(9, 0)],
    );
    expect(shards).toBe(3);
    expect(list.map(({ shard, outcome, round }) => [shard, outcome, round])).toEqual([
      [9, 'failed', 0],
      [2, 'done', null],
      [1, 'done', null],
    ]);
  });

  it('counts a shard once that failed in one round and was done in the next', () => {
    const { shards, list } = retriedShards([{ shard: 9, attempts: [attempt] }], [failure(9, 0)]);
    expect([shards, list.length]).toEqual([1, 2]);
  });
});
