import path from 'node:path';
import { isWholeLocation, type Profile, ShardmillError, type Stores } from '@shardmill/core';
import { findBaseline } from '@shardmill/scheduler';

/**
 * The profile of a file, or of the last finished run at an output location.
 * @throws DRIFT_BASELINE_NOT_FOUND, DRIFT_BASELINE_UNREADABLE
 */
export async function readProfile(
  reference: string,
  cwd: string,
  stores: Stores,
): Promise<Profile> {
  const location = isWholeLocation(reference) ? reference : path.resolve(cwd, reference);
  const found = await findBaseline({
    stores,
    baseline: location,
    base: cwd,
    output: location,
    jobName: '',
  });
  if (found !== undefined) return found.profile;
  throw new ShardmillError('DRIFT_BASELINE_NOT_FOUND', 'there is no profile', { where: location });
}
