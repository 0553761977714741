import { setTimeout as sleep } from 'node:timers/promises';
import { ShardmillError, toShardmillError } from '@shardmill/core';
import type { RegisteredRun } from '@shardmill/scheduler';
import type { Fleet } from './fleet.js';
import type { RunSnapshot } from './run-snapshot.js';
import { RunObserver } from './run-observer.js';

const POLL_MS = 500;

export type WatchEvent =
  | { readonly kind: 'snapshot'; readonly snapshot: RunSnapshot }
  | { readonly kind: 'notice'; readonly message: string }
  /** The last one. */
  | { readonly kind: 'ended'; readonly run: RegisteredRun };

/**
 * Observes a run until it ends. A store that does not answer for a while is waited for, with a
 * notice; so is Redis, whose trouble each snapshot reports.
 * @throws STORE_… that will not pass by waiting; INTERRUPTED where the signal is aborted, which leaves the run alone
 */
export async function* watchRun(
  fleet: Fleet,
  run: RegisteredRun,
  { signal = new AbortController().signal }: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<WatchEvent, void> {
  const watched = new AbortController();
  try {
    yield* snapshots(new RunObserver(fleet, run), signal, once(signal, watched.signal));
  } finally {
    watched.abort();
  }
}

async function* snapshots(
  observer: RunObserver,
  signal: AbortSignal,
  aborted: Promise<undefined>,
): AsyncGenerator<WatchEvent, void> {
  let trouble = '';
  while (!observer.ended) {
    if (signal.aborted) throw leftAlone(observer.run.request.run);
    const observing = observer.observe();
    // Once the watch is aborted, nothing waits for it any more.
    observing.catch(() => {});
    try {
      const snapshot = await Promise.race([observing, aborted]);
      if (snapshot === undefined) continue;
      if (trouble !== '') yield { kind: 'notice', message: 'the store answers again' };
      trouble = '';
      yield { kind: 'snapshot', snapshot };
    } catch (thrown) {
      const { code, message } = toShardmillError(thrown);
      if (code !== 'STORE_UNREACHABLE') throw thrown;
      if (message !== trouble) {
        yield { kind: 'notice', message: `${code} ${message}; trying again` };
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
