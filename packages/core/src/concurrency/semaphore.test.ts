import { describe, expect, it } from 'vitest';
import { Semaphore } from './semaphore.js';

describe('a semaphore', () => {
  it('has no more holders than its limit, and a release lets one go on, once', async () => {
    const semaphore = new Semaphore(1);
    const order: string[] = [];
    const first = await semaphore.acquire();
    const others = ['a', 'b'].map(async (name) => {
      const done = await semaphore.acquire();
      order.push(name);
      return done;
    });
    first();
    first();
    const a = await others[0];
    expect(order).toEqual(['a']);
    a?.();
    await others[1];
    expect(order).toEqual(['a', 'b']);
  });

  it('is not waited for any longer when the signal is aborted', async () => {
    const semaphore = new Semaphore(1);
    const first = await semaphore.acquire();
    const stop = new AbortController();
    const waiting = semaphore.acquire(0, stop.signal);
    const next = semaphore.acquire();
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(semaphore.acquire(0, stop.signal)).rejects.toThrow('enough');
    first();
    (await next)();
    (await semaphore.acquire())();
  });

  it('serves lower ranks first, and the first request within a rank', async () => {
    const semaphore = new Semaphore(1);
    const order: string[] = [];
    const first = await semaphore.acquire(0);
    const all = (['c1', 'b1', 'a2', 'a3', 'b4'] as const).map(async (name) => {
      const done = await semaphore.acquire(name.charCodeAt(0));
      order.push(name);
      done();
    });
    first();
    await Promise.all(all);
    expect(order).toEqual(['a2', 'a3', 'b1', 'b4', 'c1']);
  });
});
