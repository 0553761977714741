/** A run of the tests tries one of so many shares of the mutations. */
const SHARES = 6;
const DAY_MS = 86_400_000;

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
  const day = Math.floor(now.getTime() / DAY_MS);
  return mutations.filter((_, index) => index % SHARES === day % SHARES);
}
