import type { Bounds } from './row-group-statistics.js';

/** Whether values within the bounds may lie before a day; unknown bounds may. */
export function mayLieBefore(bounds: Bounds, day: number): boolean {
  const { kind, min } = bounds;
  if (min === undefined) return true;
  if (kind === 'date') return bounds.min !== undefined && bounds.min < day;
  if (kind === 'timestamp') {
    return bounds.min !== undefined && bounds.min < BigInt(day) * MICROSECONDS_OF_DAY;
  }
  return false;
}

/** Whether values within the bounds may be of days that the two calendars count differently. */
export const mayBeJulian = (bounds: Bounds): boolean => mayLieBefore(bounds, GREGORIAN_DAY);

/** 15 October 1582, in days since 1970. */
export const GREGORIAN_DAY = -141_427;
const MICROSECONDS_OF_DAY = 86_400_000_000n;
