import { shareOfDay } from '../support/share-of-day.js';

/** A run of the tests tries one of so many shares of the mutations. */
const SHARES = 6;

/**
 * The mutations that a run of the tests tries: a share of them each day, in turn, since each costs a
 * start of the test runner; all of them where `choice` is `all`.
 */
export function mutationsOf<T>(
  mutations: readonly T[],
  choice: string | undefined,
  now: Date,
): T[] {
  if (choice === 'all') return [...mutations];
  return mutations.filter((_, index) => index % SHARES === shareOfDay(SHARES, now));
}
