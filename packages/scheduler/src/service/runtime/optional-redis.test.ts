import { ShardmillError } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { OptionalRedis } from './optional-redis.js';

const QUIET_MS = 1000;
const full = async (): Promise<never> => {
  throw new ShardmillError('REDIS_UNREACHABLE', 'OOM command not allowed');
};

/** An `OptionalRedis`, what it logs, and its clock. */
function openRedis(): { redis: OptionalRedis; logged: string[]; clock: { ms: number } } {
  const logged: string[] = [];
  const clock = { ms: 0 };
  const write = (_fields: object, message: string): void => {
    logged.push(message);
  };
  const log = { info: write, warn: write, error: write };
  return { redis: new OptionalRedis(log, { now: () => clock.ms }, QUIET_MS), logged, clock };
}

describe('optional calls to Redis', () => {
  it('logs once where some calls fail and others do not', async () => {
    const { redis, logged, clock } = openRedis();
    for (; clock.ms < 5 * QUIET_MS; clock.ms += QUIET_MS / 2) {
      expect(await redis.call(full)).toBeUndefined();
      expect(await redis.call(async () => 7)).toEqual({ value: 7 });
    }
    expect(logged).toEqual(['OOM command not allowed; going on without']);
    expect(redis.away).toBe('OOM command not allowed');
  });

  it('logs that Redis is back when no call has failed for some time', async () => {
    const { redis, logged, clock } = openRedis();
    await redis.call(full);
    clock.ms += QUIET_MS;
    await redis.call(async () => 7);
    expect(redis.away).toBeUndefined();
    expect(logged).toEqual(['OOM command not allowed; going on without', 'Redis answers again']);
  });

  it('hands on what is not about Redis', async () => {
    const { redis } = openRedis();
    const broken = redis.call(async () => {
      throw new TypeError('a fault in here');
    });
    await expect(broken).rejects.toThrow('a fault in here');
    expect(redis.away).toBeUndefined();
  });
});
