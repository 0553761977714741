import { describe, expect, it } from 'vitest';
import { Turns } from './turns.js';

describe('turns', () => {
  it('are no more than the limit, and go on when one is given back, once', async () => {
    const turns = new Turns(1);
    const order: string[] = [];
    const first = await turns.take();
    const others = ['a', 'b'].map(async (name) => {
      const done = await turns.take();
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

  it('are not waited for any longer when the signal says so', async () => {
    const turns = new Turns(1);
    const first = await turns.take();
    const stop = new AbortController();
    const waiting = turns.take(0, stop.signal);
    const next = turns.take();
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(turns.take(0, stop.signal)).rejects.toThrow('enough');
    first();
    (await next)();
    (await turns.take())();
  });

  it('go to the lower rank first, and to those who asked first within one', async () => {
    const turns = new Turns(1);
    const order: string[] = [];
    const first = await turns.take(0);
    const all = (['c1', 'b1', 'a2', 'a3', 'b4'] as const).map(async (name) => {
      const done = await turns.take(name.charCodeAt(0));
      order.push(name);
      done();
    });
    first();
    await Promise.all(all);
    expect(order).toEqual(['a2', 'a3', 'b1', 'b4', 'c1']);
  });
});
