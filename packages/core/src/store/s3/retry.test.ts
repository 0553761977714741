import { describe, expect, it } from 'vitest';
import { RequestFailed } from './request-failed.js';
import { type RetryPolicy, withRetries } from './retry.js';

const answer = (status: number, code: string): RequestFailed =>
  new RequestFailed({ status, code, message: 'said so' });
const internal = answer(500, 'InternalError');
const slowDown = answer(503, 'SlowDown');

/** A clock that sleeping moves, and nothing else. */
function policyOf(retryForMs: number, random = 0.5): RetryPolicy & { slept: number[] } {
  const slept: number[] = [];
  let now = 1000;
  return {
    retryForMs,
    slept,
    now: () => now,
    async sleep(ms) {
      slept.push(ms);
      now += ms;
    },
    random: () => random,
  };
}

describe('trying again', () => {
  it('waits for random times below a bound that doubles, up to a limit', async () => {
    const policy = policyOf(1e9);
    const attempt = async (tries: number): Promise<number> => {
      if (tries < 10) throw internal;
      return tries;
    };
    expect(await withRetries(policy, attempt)).toBe(10);
    expect(policy.slept).toEqual([50, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  });

  it('waits longer where the store requests to slow down', async () => {
    const policy = policyOf(1e9, 1 - 2 ** -32);
    const attempt = async (tries: number): Promise<void> => {
      if (tries < 8) throw slowDown;
    };
    await withRetries(policy, attempt);
    expect(policy.slept.map(Math.round)).toEqual([
      500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000,
    ]);
  });

  it('begins the last try when time is up, and quotes the last answer', async () => {
    const policy = policyOf(1000);
    let tries = 0;
    const attempt = async (): Promise<never> => {
      tries++;
      throw tries < 3 ? internal : slowDown;
    };
    await expect(withRetries(policy, attempt)).rejects.toMatchObject({
      name: 'RetriesExhausted',
      message: 'the store answered 503 SlowDown: said so; 4 tries in 1.0 s',
      last: slowDown,
    });
    expect(policy.slept.reduce((a, b) => a + b)).toBe(1000);
  });

  it('counts the time that the tries themselves take', async () => {
    const policy = policyOf(1000);
    const attempt = async (): Promise<never> => {
      await policy.sleep(2000);
      throw internal;
    };
    await expect(withRetries(policy, attempt)).rejects.toThrow('; 1 try in 2.0 s');
  });

  it.each([answer(403, 'AccessDenied'), answer(404, 'NoSuchKey'), answer(412, ''), new Error('x')])(
    'does not repeat what would fail again: %s',
    async (failed) => {
      const policy = policyOf(1e9);
      await expect(withRetries(policy, () => Promise.reject(failed))).rejects.toBe(failed);
      expect(policy.slept).toEqual([]);
    },
  );
});
