import { formatDuration, ShardmillError, type WaitFor } from '@shardmill/core';

/**
 * What becomes of a run whose input was not there in time.
 * @param waitedMs how long it waited.
 * @returns undefined where it runs with what is there; INPUT_WAIT_TIMEOUT; RUN_SKIPPED
 */
export function endOfWait(
  { onTimeout, timeout }: WaitFor,
  lacks: readonly string[],
  waitedMs: number,
): ShardmillError | undefined {
  const missing = `${lacks.join('; ')} after ${formatDuration(Math.max(0, waitedMs))} of waiting`;
  const detail = { where: `input.waitFor (timeout ${timeout}, onTimeout '${onTimeout}')` };
  switch (onTimeout) {
    case 'fail':
      return new ShardmillError('INPUT_WAIT_TIMEOUT', missing, detail);
    case 'skip':
      return new ShardmillError('RUN_SKIPPED', missing, detail);
    case 'run':
      return undefined;
    default: {
      const unknown: never = onTimeout;
      return unknown;
    }
  }
}
