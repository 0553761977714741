import { type Backoff, backoffMs, type ErrorCode, ERRORS } from '@shardmill/core';

/** What is known when an attempt at a shard ended without a record. */
export interface EndedAttempt {
  readonly code: ErrorCode;
  /** Attempts of this round that failed before this one. */
  readonly failedBefore: number;
  /** Attempts in one round, the first one included. */
  readonly attempts: number;
  /** Times in a row, this one included, that the store did not answer. */
  readonly storeFailures: number;
  /** For how long this worker has met a full disk in this round of the run, with no shard done since. */
  readonly diskFullForMs: number;
  /** How long a full disk is waited for. */
  readonly diskFullWaitMs: number;
  /** From 0 up to, but not including, 1. */
  readonly random: number;
}

export type Decision =
  /** The shard goes back at once, to any worker; no attempt is spent. */
  | { readonly kind: 'hand-back' }
  | { readonly kind: 'again'; readonly delayMs: number; readonly spent: boolean }
  /** The shard has failed for good in this round. */
  | { readonly kind: 'fail' };

const BACKOFF: Backoff = { firstMs: 1000, maxMs: 60_000, jitter: 'full' };
/** A store that does not answer was waited for already (`retryForMs`). */
const STORE_BACKOFF: Backoff = { firstMs: 2000, maxMs: 60_000, jitter: 'full' };
/** Between two checks whether a disk that was full has space. */
const MIN_DISK_DELAY_MS = 2000;
const MAX_DISK_DELAY_MS = 60_000;

/**
 * What becomes of a shard whose attempt ended with an error, by the class of its code: not the
 * shard's fault, worth another attempt, or the same again for ever. A full disk is not the shard's
 * fault for as long as it is waited for, and worth another attempt after that. Delays grow by a factor of two
 * with full jitter, so that shards that failed together do not come back together.
 */
export function decideOutcome(attempt: EndedAttempt): Decision {
  const { code, failedBefore, attempts, storeFailures, random } = attempt;
  const { diskFullForMs, diskFullWaitMs } = attempt;
  if (code === 'DISK_FULL' && diskFullForMs < diskFullWaitMs) {
    const delayMs = diskDelayMs(diskFullForMs, diskFullWaitMs, random);
    return { kind: 'again', delayMs, spent: false };
  }
  // One worker's credentials may have run out: another attempt may be another worker's.
  const retry = code === 'STORE_DENIED' ? 'again' : ERRORS[code].retry;
  switch (retry) {
    case 'free':
      if (code === 'INTERRUPTED') return { kind: 'hand-back' };
      return {
        kind: 'again',
        delayMs: backoffMs(STORE_BACKOFF, storeFailures, random),
        spent: false,
      };
    case 'again':
      if (failedBefore + 1 >= attempts) return { kind: 'fail' };
      return {
        kind: 'again',
        delayMs: backoffMs(BACKOFF, failedBefore + 1, random),
        spent: true,
      };
    case 'never':
      return { kind: 'fail' };
    default: {
      const unknown: never = retry;
      return unknown;
    }
  }
}

/** Doubles the time that the disk has been full, within the time that it is waited for. */
function diskDelayMs(fullForMs: number, waitMs: number, random: number): number {
  const pause = Math.min(MAX_DISK_DELAY_MS, Math.max(MIN_DISK_DELAY_MS, fullForMs));
  return Math.ceil(Math.min(pause * (0.5 + random / 2), waitMs - fullForMs));
}
