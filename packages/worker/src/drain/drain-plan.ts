/** A shard in hand when its worker has to stop. */
export interface InFlightShard {
  /** A part of it has begun and is not finished. */
  readonly hasPart: boolean;
  /** Until the parts that have begun are done, in milliseconds; Infinity where nobody knows. */
  readonly remainingMs: number;
}

/** What is left of the time after the parts is for handing back. */
const HAND_BACK_MS = 1000;

/**
 * Whether to let go of a shard at once, or to finish the parts that have begun: only what fits into
 * the time is worth that another worker waits for the shard.
 */
export function shouldRelease(
  { hasPart, remainingMs }: InFlightShard,
  timeLeftMs: number,
): boolean {
  return !hasPart || remainingMs > timeLeftMs - HAND_BACK_MS;
}
