import { unreachable } from '../errors/invariant-error.js';

/** How long to wait before something that failed is tried again. */
export interface Backoff {
  /** The longest wait after the first failure. */
  readonly firstMs: number;
  /** The longest wait after any failure. */
  readonly maxMs: number;
  /**
   * How much of the longest wait is drawn at random: all of it, which spreads best those that
   * failed together; its second half, which always gives what failed some time; or nothing.
   */
  readonly jitter: 'full' | 'half' | 'none';
}

/** 2 ** 30 times any first wait is longer than any longest one. */
const MAX_DOUBLINGS = 30;

/**
 * Exponential backoff with jitter: the longest wait doubles with each failure
 * (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
 * @param failures failures in a row, this one included: 1 or more.
 * @param random from 0 up to, but not including, 1; not used without jitter.
 * @returns whole milliseconds.
 */
export function backoffMs(
  { firstMs, maxMs, jitter }: Backoff,
  failures: number,
  random = 0,
): number {
  const doublings = Math.min(Math.max(0, failures - 1), MAX_DOUBLINGS);
  const longest = Math.min(maxMs, firstMs * 2 ** doublings);
  switch (jitter) {
    case 'full':
      return Math.ceil(longest * random);
    case 'half':
      return Math.ceil(longest * (0.5 + random / 2));
    case 'none':
      return longest;
    default:
      return unreachable(jitter, 'jitter');
  }
}
