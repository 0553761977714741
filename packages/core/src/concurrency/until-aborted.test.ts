import { describe, expect, it } from 'vitest';
import { untilAborted } from './until-aborted.js';

const NEVER = new Promise<never>(() => {});

describe('work that is waited for until an abort', () => {
  it('comes to its result, or to its own failure', async () => {
    const { signal } = new AbortController();
    await expect(untilAborted(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(untilAborted(Promise.reject(new Error('own')), signal)).rejects.toThrow('own');
  });

  it('ends with the reason of the abort, also of one that was before', async () => {
    const abort = new AbortController();
    const waiting = untilAborted(NEVER, abort.signal);
    abort.abort(new Error('stop'));
    await expect(waiting).rejects.toThrow('stop');
    await expect(untilAborted(NEVER, abort.signal)).rejects.toThrow('stop');
  });

  it('ends with the error that is given instead', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    const waiting = untilAborted(NEVER, signal, () => new Error('another'));
    await expect(waiting).rejects.toThrow('another');
  });

  it('leaves no failure unhandled that comes after the abort', async () => {
    const abort = new AbortController();
    let fail = (_error: Error): void => {};
    const work = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
    const waiting = untilAborted(work, abort.signal);
    abort.abort(new Error('stop'));
    await expect(waiting).rejects.toThrow('stop');
    fail(new Error('late'));
    await new Promise((done) => setImmediate(done));
  });
});
