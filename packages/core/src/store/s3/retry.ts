import { type Backoff, backoffMs } from '../../concurrency/backoff.js';
import { RequestFailed } from './request-failed.js';

export interface RetryPolicy {
  /** No try begins later than this after the first one. */
  readonly retryForMs: number;
  /** Milliseconds from any point in time on; never goes back. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
  /** Called before each try but the first. */
  onRetry?(failed: RequestFailed): void;
}

/** Ends a series of tries: the last answer that tells something, and how much was tried. */
export class RetriesExhausted extends Error {
  override readonly name = 'RetriesExhausted';

  constructor(
    readonly last: RequestFailed,
    readonly tries: number,
    readonly forMs: number,
  ) {
    const often = tries === 1 ? '1 try' : `${tries} tries`;
    super(`${last.message}; ${often} in ${(forMs / 1000).toFixed(1)} s`, { cause: last });
  }
}

/**
 * Tries until it succeeds, fails in a way that another try would not mend, or time is up. Between
 * tries it waits a random time below a bound that doubles, so that many clients spread out.
 * @throws RetriesExhausted, or what `attempt` threw.
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  attempt: (triesBefore: number) => Promise<T>,
): Promise<T> {
  const started = policy.now();
  let telling: RequestFailed | undefined;
  for (let tries = 0; ; tries++) {
    try {
      return await attempt(tries);
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      const backoff = backoffOf(error);
      if (backoff === undefined) throw error;
      const elapsed = policy.now() - started;
      const left = policy.retryForMs - elapsed;
      if (telling === undefined || error.tells) telling = error;
      if (left <= 0) throw new RetriesExhausted(telling, tries + 1, elapsed);
      await policy.sleep(Math.min(backoffMs(backoff, tries + 1, policy.random()), left));
      policy.onRetry?.(error);
    }
  }
}

const BACKOFF: Backoff = { firstMs: 100, maxMs: 10_000, jitter: 'full' };
const SLOW_DOWN_BACKOFF: Backoff = { firstMs: 500, maxMs: 20_000, jitter: 'full' };

/** Undefined where no other try would help. */
function backoffOf(failed: RequestFailed): Backoff | undefined {
  if (failed.class === 'retry') return BACKOFF;
  return failed.class === 'slow-down' ? SLOW_DOWN_BACKOFF : undefined;
}
