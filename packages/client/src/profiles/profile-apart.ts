import type { Profile, Stores } from '@shardmill/core';
import { EngineProcess } from '@shardmill/worker';
import type { ProfileOrder } from '../planning/planner-protocol.js';
import { createProfile } from './create-profile.js';

/**
 * The profile of a data set as a job sees it, made in a process of its own by a single engine within the memory that a
 * planning may take. The process that started this one ends both at any time.
 * @throws what a run throws
 */
export async function profileApart(
  { job, jobFile, params, rules, cacheFolder, limits }: ProfileOrder,
  stores: Stores,
): Promise<Profile> {
  const startEngine = (): EngineProcess =>
    EngineProcess.start({ storage: stores.options, cacheFolder, allow: rules.allow });
  const { profile } = await createProfile(
    {
      prepared: { job, jobFile, params, command: '' },
      signal: new AbortController().signal,
      rules,
      resources: { engines: 1, memoryLimit: limits.memoryLimitBytes },
    },
    { planned: () => {}, progress: () => {}, notice: () => {} },
    { stores, cacheFolder, startEngine, limits },
  );
  return profile;
}
