const DAY_MS = 86_400_000;

/**
 * Which of `shares` a run of the tests tries: another one each day, in turn. For cases that are many, expensive and
 * independent of each other.
 */
export function shareOfDay(shares: number, now: Date): number {
  return Math.floor(now.getTime() / DAY_MS) % shares;
}
