import { setTimeout as sleep } from 'node:timers/promises';
import { ShardmillError, toShardmillError } from '@shardmill/core';
import type { RegisteredRun } from '@shardmill/scheduler';
import type { Fleet } from './fleet.js';
import type { RunLook } from './run-look.js';
import { RunObserver } from './run-observer.js';

const POLL_MS = 500;

export type WatchEvent =
  | { readonly kind: 'look'; readonly look: RunLook }
  | { readonly kind: 'notice'; readonly message: string }
  /** The last one. */
  | { readonly kind: 'ended'; readonly run: RegisteredRun };

/**
 * Looks at a run again and again until it ends. A store that does not answer for a while is waited
 * for, with a notice; so is Redis, which each look tells of.
 * @throws STORE_… that will not pass by waiting; INTERRUPTED where the signal is aborted, which leaves the run alone
 */
export async function* watchRun(
  fleet: Fleet,
  run: RegisteredRun,
  { signal = new AbortController().signal }: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<WatchEvent, void> {
  const watched = new AbortController();
  try {
    yield* looks(new RunObserver(fleet, run), signal, once(signal, watched.signal));
  } finally {
    watched.abort();
  }
}

async function* looks(
  observer: RunObserver,
  signal: AbortSignal,
  aborted: Promise<undefined>,
): AsyncGenerator<WatchEvent, void> {
  let trouble = '';
  while (!observer.ended) {
    if (signal.aborted) throw leftAlone(observer.run.request.run);
    const looking = observer.look();
    // Once it is aborted, nobody waits for it any more.
    looking.catch(() => {});
    try {
      const look = await Promise.race([looking, aborted]);
      if (look === undefined) continue;
      if (trouble !== '') yield { kind: 'notice', message: 'the store answers again' };
      trouble = '';
      yield { kind: 'look', look };
    } catch (thrown) {
      const { code, message } = toShardmillError(thrown);
      if (code !== 'STORE_UNREACHABLE') throw thrown;
      if (message !== trouble) {
        yield { kind: 'notice', message: `${code} ${message}; asking again` };
      }
      trouble = message;
    }
    if (!observer.ended) await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
  yield { kind: 'ended', run: observer.run };
}

function leftAlone(run: string): ShardmillError {
  return new ShardmillError('INTERRUPTED', `not waiting any more; run ${run} goes on`, {
    remedy: `Follow it again with \`shardmill watch ${run}\`, stop it with \`shardmill cancel ${run}\`.`,
  });
}

/** Resolved when the signal is aborted: one listener until `end`, however often it is waited for. */
function once(signal: AbortSignal, end: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true, signal: end });
  });
}
