/** A shard that is in flight when its worker has to stop. */
export interface InFlightShard {
  /** A part of it has begun and is not finished. */
  readonly hasPart: boolean;
  /** Until the parts that have begun are done; Infinity where that cannot be estimated. */
  readonly remainingMs: number;
}

/** What is left of the time after the parts is for handing back. */
const HAND_BACK_MS = 1000;

/**
 * Whether to release a shard at once rather than finish the parts that have begun: only parts that
 * can be finished in the time left are worth that another worker waits for the shard.
 */
export function shouldRelease(
  { hasPart, remainingMs }: InFlightShard,
  timeLeftMs: number,
): boolean {
  return !hasPart || remainingMs > timeLeftMs - HAND_BACK_MS;
}
