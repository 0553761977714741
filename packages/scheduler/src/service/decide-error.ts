import { ERRORS, type ErrorCode } from '@shardmill/core';

export type ErrorVerdict =
  | { readonly kind: 'again'; readonly delayMs: number }
  /** It is the run's own fault, or does not go away: the run ends. */
  | { readonly kind: 'fail' };

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;
/** With these delays, some three minutes. */
const ATTEMPTS = 10;

/**
 * What to do about an error in a scheduler's own work on a run. A store that does not answer never
 * fails a run; one that refuses may change its mind when credentials are renewed.
 * @param failures failures in a row, this one included.
 * @param random from 0 up to, but not including, 1.
 */
export function decideError(code: ErrorCode, failures: number, random: number): ErrorVerdict {
  const retry = code === 'STORE_DENIED' ? 'again' : ERRORS[code].retry;
  switch (retry) {
    case 'free':
      return { kind: 'again', delayMs: backOff(failures, random) };
    case 'again':
      return failures < ATTEMPTS
        ? { kind: 'again', delayMs: backOff(failures, random) }
        : { kind: 'fail' };
    case 'never':
      return { kind: 'fail' };
    default: {
      const unknown: never = retry;
      return unknown;
    }
  }
}

/** Milliseconds: twice as long with each failure, and up to a half less. */
export function backOff(failures: number, random: number): number {
  const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures - 1, 10));
  return Math.round(longest * (1 - random / 2));
}
