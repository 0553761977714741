import { type Backoff, backoffMs, ERRORS, type ErrorCode } from '@shardmill/core';

export type ErrorVerdict =
  | { readonly kind: 'again'; readonly delayMs: number }
  /** It is the run's own fault, or does not go away: the run ends. */
  | { readonly kind: 'fail' };

const BACKOFF: Backoff = { firstMs: 1000, maxMs: 30_000, jitter: 'half' };
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
      return { kind: 'again', delayMs: errorDelayMs(failures, random) };
    case 'again':
      return failures < ATTEMPTS
        ? { kind: 'again', delayMs: errorDelayMs(failures, random) }
        : { kind: 'fail' };
    case 'never':
      return { kind: 'fail' };
    default: {
      const unknown: never = retry;
      return unknown;
    }
  }
}

/** The wait before a scheduler tries its work on a run again, in milliseconds. */
export function errorDelayMs(failures: number, random: number): number {
  return backoffMs(BACKOFF, failures, random);
}
