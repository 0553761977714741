import { type CheckOfKind, formatDuration, parseDurationMs } from '@shardmill/core';
import type { Finding } from './outcome.js';

/**
 * Whether the newest file of the input was new enough when the run was planned.
 * @param newestInput undefined where the store did not say.
 */
export function checkFreshness(
  { maxAge }: CheckOfKind<'freshness'>,
  newestInput: string | undefined,
  plannedAt: string,
): Finding {
  const expected = `at most ${maxAge}`;
  if (newestInput === undefined) {
    const found = 'the store does not say when the input was written';
    return { observed: null, expected, passed: false, found };
  }
  // The clocks of the store and of this machine may differ.
  const ageMs = Math.max(0, Date.parse(plannedAt) - Date.parse(newestInput));
  return {
    observed: ageMs / 1000,
    expected,
    passed: ageMs <= parseDurationMs(maxAge),
    found: `the newest file of the input was ${formatDuration(ageMs)} old when the run was planned`,
  };
}
