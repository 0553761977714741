import { ShardmillError } from '@shardmill/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallWatch } from './call-watch.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const late = (seconds: number): ShardmillError =>
  new ShardmillError('TOKENIZER_TIMEOUT', `not done within ${seconds} s`);
const never = new Promise<never>(() => {});

describe('a call that another thread works on', () => {
  it('is given up after its limit, which is longer for a larger one', async () => {
    const watch = new CallWatch(undefined, { limitMs: 1000, slowMs: 100 });
    const usual = expect(watch.wait(never, 0.1, late)).rejects.toThrow('not done within 1 s');
    const large = watch.wait(never, 3, late);
    const ended = vi.fn<(error: unknown) => void>();
    void large.catch(ended);
    await vi.advanceTimersByTimeAsync(2999);
    await usual;
    expect(ended).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await expect(large).rejects.toThrow('not done within 3 s');
  });

  it('is reported while it is slow, once for all that are', async () => {
    const reports: boolean[] = [];
    const watch = new CallWatch((slow) => reports.push(slow), { limitMs: 60_000, slowMs: 100 });
    await watch.wait(Promise.resolve(1), 1, late);
    await vi.advanceTimersByTimeAsync(1000);
    expect(reports).toEqual([]);
    const call = (ms: number): Promise<void> =>
      watch.wait(new Promise((resolve) => setTimeout(resolve, ms)), 1, late);
    const [first, second] = [call(200), call(300)];
    await vi.advanceTimersByTimeAsync(100);
    expect(reports).toEqual([true]);
    await vi.advanceTimersByTimeAsync(100);
    await first;
    expect(reports).toEqual([true]);
    await vi.advanceTimersByTimeAsync(100);
    await second;
    expect(reports).toEqual([true, false]);
  });
});
