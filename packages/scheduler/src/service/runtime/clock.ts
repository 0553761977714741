import { setTimeout as sleep } from 'node:timers/promises';

/** Time as a scheduler sees it; a simulation brings its own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Ends after that time, or as soon as the signal is aborted. @throws nothing */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
};

/** Ends when the work has, or after that time: the work may go on then. @throws what it failed with */
export async function waitAtMost(work: Promise<void>, ms: number, clock: Clock): Promise<void> {
  const ended = new AbortController();
  try {
    await Promise.race([work, clock.sleep(ms, ended.signal)]);
  } finally {
    ended.abort();
  }
}
