import { createHash } from 'node:crypto';

/**
 * The scheduler that goes first with what needs to be done once for a run. The others do the same
 * a little later if it has not come to pass: this spares work and decides nothing.
 * @param schedulers ids of those that are there.
 */
export function leaderOf(run: string, schedulers: readonly string[]): string | undefined {
  let leader: string | undefined;
  let greatest = '';
  for (const id of schedulers) {
    const weight = createHash('sha256').update(`${run}\n${id}`).digest('hex');
    if (leader === undefined || weight > greatest) [leader, greatest] = [id, weight];
  }
  return leader;
}
