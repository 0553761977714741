import path from 'node:path';
import { InvariantError, type Profile } from '@shardmill/core';
import { profileSchema } from '@shardmill/core/schemas';
import { parseJson } from '@shardmill/core/plans';
import type { JobRules } from '@shardmill/scheduler';
import { defaultCacheFolder, makeWorkFolder } from '@shardmill/worker';
import type { CompareContext } from '../compare/score-and-compare.js';
import { localRun } from '../local-run/local-run.js';
import type { LocalRunOptions, RunEvents, RunResult } from '../local-run/run-types.js';
import type { PreparedJob } from '../prepare-job.js';
import { profiledJob } from './profiled-job.js';

export interface CreateProfileRequest {
  /** Its input is the training set. */
  readonly prepared: PreparedJob;
  readonly signal: AbortSignal;
  /** What the configuration demands of jobs. */
  readonly rules?: JobRules | undefined;
  /** Instead of what the job says. */
  readonly resources?: Pick<LocalRunOptions, 'engines' | 'memoryLimit'> | undefined;
}

/** Models of the registry are needed for jobs that name some. */
type ProfileContext = Omit<CompareContext, 'models'> & Partial<Pick<CompareContext, 'models'>>;

export interface CreatedProfile {
  readonly profile: Profile;
  /** The profile as it is stored. */
  readonly content: Uint8Array;
  readonly rows: RunResult['manifest']['rows'];
}

/**
 * The profile of a data set as a job sees it: its features, and what its model says of them. It is scored as in
 * any run, into a folder that is gone afterwards, so that the profile is made as that of a run is.
 * @throws what a run throws; rows that cannot be scored are left out, however many they are.
 */
export async function createProfile(
  { prepared, signal, rules, resources }: CreateProfileRequest,
  events: RunEvents,
  { stores, cacheFolder = defaultCacheFolder(), startEngine, limits, models }: ProfileContext,
): Promise<CreatedProfile> {
  const folder = await makeWorkFolder(path.join(cacheFolder, 'work'));
  try {
    const output = path.join(folder.path, 'scores');
    const options = { ...prepared, ...resources, job: profiledJob(prepared.job, output), signal };
    const context = { engine: startEngine(), stores, cacheFolder, rules, limits, models };
    const { manifest } = await localRun(
      { ...options, ...context, maxRejectedRows: '100%' },
      events,
    );
    const content = manifest.profile && (await stores.open(output).read(manifest.profile.key));
    if (content === undefined) throw new InvariantError('a run has no profile');
    return { profile: profileSchema.parse(parseJson(content)), content, rows: manifest.rows };
  } finally {
    await folder.remove();
  }
}
