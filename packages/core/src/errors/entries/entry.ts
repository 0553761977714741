/**
 * One error: what the command line and the scheduler do with it, and what a person reads of it.
 *
 * - `exit`: what the command line answers with (see `EXIT_CODES`).
 * - `retry`: what the scheduler does with a shard that fails this way. `never`: the same would
 *   happen again; `again`: another attempt may succeed; `free`: not the shard's fault, no attempt
 *   is spent.
 * - `meaning`: what happened, in one sentence.
 * - `remedy`: what to do next, used when the error itself does not say something better.
 */
export interface ErrorEntry {
  readonly exit: ExitName;
  readonly retry: 'never' | 'again' | 'free';
  readonly meaning: string;
  readonly remedy: string;
}

export const EXIT_CODES = {
  done: 0,
  failed: 1,
  usage: 2,
  overBudget: 3,
  skipped: 4,
  checksFailed: 5,
  interrupted: 130,
} as const;
export type ExitName = keyof typeof EXIT_CODES;

/** An error of what was asked for: exit code 2, and the same again would fail again. */
export const usage = (meaning: string, remedy: string): ErrorEntry => ({
  exit: 'usage',
  retry: 'never',
  meaning,
  remedy,
});
/** An error of what was done: exit code 1. */
export const failed = (
  retry: ErrorEntry['retry'],
  meaning: string,
  remedy: string,
): ErrorEntry => ({
  exit: 'failed',
  retry,
  meaning,
  remedy,
});
