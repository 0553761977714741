import { describe, expect, it } from 'vitest';
import type { Attempt, QueuedShard } from './shard-message.js';
import { shardMessage } from '../testing/fleet.js';
import { decodeShard, encodeShard } from './stored-shard.js';

const attempt: Attempt = {
  worker: 'host-1-abc',
  startedAt: '2026-07-01T05:00:00.000Z',
  endedAt: '2026-07-01T05:01:00.000Z',
  error: { code: 'PART_TIMEOUT', message: 'took 61 s', where: 'part 7', remedy: 'Raise it.' },
};

const stored = (shard: QueuedShard): string => JSON.stringify(encodeShard(shard));

describe('a shard as it is stored', () => {
  it.each<[string, QueuedShard]>([
    ['with as little as possible', { message: shardMessage(0), failed: [] }],
    [
      'with all there can be',
      {
        message: shardMessage(12, {
          planRun: 'r0',
          round: 2,
          page: 3,
          resources: {
            batchRows: 8_192,
            batchTokens: 16_384,
            lanes: 2,
            threadsPerLane: 4,
            memoryLimit: '2GiB',
            executionProviders: ['cuda', 'cpu'],
          },
        }),
        failed: [attempt, attempt],
        unfinishedSeconds: 61.5,
      },
    ],
  ])('is read as it was written, %s', (_, shard) => {
    expect(decodeShard(stored(shard))).toEqual(shard);
  });

  it('is short', () => {
    expect(stored({ message: shardMessage(999_999), failed: [] }).length).toBeLessThan(200);
  });

  it('reads an error code of a later version as INTERNAL', () => {
    const later = stored({ message: shardMessage(0), failed: [attempt] }).replace(
      'PART_TIMEOUT',
      'FROM_THE_FUTURE',
    );
    const decoded = decodeShard(later);
    expect('failed' in decoded && decoded.failed[0]?.error.code).toBe('INTERNAL');
  });

  it.each([
    ['no JSON', '{"v":1', /not JSON/],
    [
      'another version',
      stored({ message: shardMessage(0), failed: [] }).replace('"v":1', '"v":2'),
      /at v/,
    ],
    ['something else', '{"hello":"world"}', /at r/],
    [
      'a run that leads elsewhere',
      stored({ message: shardMessage(0, { run: '../x', planRun: '../x' }), failed: [] }),
      /at r/,
    ],
    [
      'a plan that leads elsewhere',
      stored({ message: shardMessage(0, { planRun: '../../x' }), failed: [] }),
      /at p/,
    ],
    ['a shard below zero', stored({ message: shardMessage(-1), failed: [] }), /at s/],
  ])('says what is wrong with %s', (_, text, message) => {
    expect(decodeShard(text)).toEqual({ unreadable: expect.stringMatching(message) });
  });
});
