import type { ErrorCode } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import type { ShardMessage } from '@shardmill/queue';
import { RefusedRounds } from './refused-rounds.js';
import type { ShardEnd } from './shard-world.js';

const message = (round: number): ShardMessage => ({
  run: 'r',
  planRun: 'p',
  output: '/out',
  planDigest: '',
  shard: 0,
  page: 0,
  rows: 1,
  round,
  attempts: 1,
  partTimeoutMs: 1,
  diskFullWaitMs: 0,
  resources: {},
});

const refused = (code: ErrorCode, text: string): ShardEnd => ({
  kind: 'refused',
  error: { code, message: text, remedy: '' },
});

describe('the rounds that a worker refuses', () => {
  it('are counted by their shards, the latest first, with the last reason', () => {
    const rounds = new RefusedRounds();
    rounds.ended(message(0), refused('LOCATION_FORBIDDEN', 'first'));
    rounds.ended(message(1), refused('MESSAGE_REFUSED', 'other'));
    rounds.ended(message(0), refused('LOCATION_FORBIDDEN', 'second'));
    expect(rounds.list()).toEqual([
      { round: 'p.0', shards: 2, code: 'LOCATION_FORBIDDEN', reason: 'second' },
      { round: 'p.1', shards: 1, code: 'MESSAGE_REFUSED', reason: 'other' },
    ]);
  });

  it('are those alone of which it took no shard since', () => {
    const rounds = new RefusedRounds();
    for (const round of [0, 1]) rounds.ended(message(round), refused('MESSAGE_REFUSED', 'no'));
    const error = { code: 'PART_TIMEOUT', message: 'late', remedy: '' } as const;
    rounds.ended(message(0), { kind: 'again', error, spent: true });
    rounds.ended(message(1), { kind: 'handed-back' });
    expect(rounds.list().map(({ round }) => round)).toEqual(['p.1']);
  });

  it('are few, and their reasons short, whatever comes', () => {
    const rounds = new RefusedRounds();
    for (let round = 0; round < 1000; round++) {
      rounds.ended(message(round), refused('MESSAGE_REFUSED', 'x'.repeat(100_000)));
    }
    expect(rounds.list()).toHaveLength(16);
    expect(rounds.list()[0]?.round).toBe('p.999');
    expect(JSON.stringify(rounds.list()).length).toBeLessThan(10_000);
  });
});
