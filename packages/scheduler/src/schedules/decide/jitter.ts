import { createHash } from 'node:crypto';
import { type JobSchedule, parseDurationMs } from '@shardmill/core';

/**
 * How long after its ticks a schedule starts: another time for each schedule, the same for all of
 * its ticks, so that those stay as far apart as they are.
 */
export function jitterMs(name: string, { jitter }: Pick<JobSchedule, 'jitter'>): number {
  if (jitter === undefined) return 0;
  const hash = createHash('sha256').update(name).digest().readUInt32BE();
  return Math.floor((hash / 2 ** 32) * parseDurationMs(jitter));
}
