import { ShardmillError } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { RedisLink } from './redis-link.js';

const QUIET_MS = 1000;
const full = async (): Promise<never> => {
  throw new ShardmillError('REDIS_UNREACHABLE', 'OOM command not allowed');
};

/** A link, what it tells, and the hand of its clock. */
function openLink(): { link: RedisLink; told: string[]; clock: { ms: number } } {
  const told: string[] = [];
  const clock = { ms: 0 };
  const tell = (_fields: object, message: string): void => {
    told.push(message);
  };
  const log = { info: tell, warn: tell, error: tell };
  return { link: new RedisLink(log, { now: () => clock.ms }, QUIET_MS), told, clock };
}

describe('a link to Redis', () => {
  it('tells once where some calls fail and others do not', async () => {
    const { link, told, clock } = openLink();
    for (; clock.ms < 5 * QUIET_MS; clock.ms += QUIET_MS / 2) {
      expect(await link.call(full)).toBeUndefined();
      expect(await link.call(async () => 7)).toEqual({ value: 7 });
    }
    expect(told).toEqual(['OOM command not allowed; going on without']);
    expect(link.away).toBe('OOM command not allowed');
  });

  it('tells that Redis is back when no call has failed for some time', async () => {
    const { link, told, clock } = openLink();
    await link.call(full);
    clock.ms += QUIET_MS;
    await link.call(async () => 7);
    expect(link.away).toBeUndefined();
    expect(told).toEqual(['OOM command not allowed; going on without', 'Redis answers again']);
  });

  it('hands on what is not about Redis', async () => {
    const { link } = openLink();
    const broken = link.call(async () => {
      throw new TypeError('a fault in here');
    });
    await expect(broken).rejects.toThrow('a fault in here');
    expect(link.away).toBeUndefined();
  });
});
