import type { Job, ObjectStore } from '@shardmill/core';
import { ModelRegistry, resolveModel } from '@shardmill/scheduler';

/**
 * Where the version lies that a job names; undefined where the job names a location by itself.
 * @param state the store of the state location.
 * @throws MODEL_NAME_INVALID, MODEL_NOT_REGISTERED, MODEL_REGISTRY_DAMAGED, MODEL_SHA256_MISMATCH
 */
export async function locateModel(job: Job, state: ObjectStore): Promise<string | undefined> {
  const { release } = await resolveModel(job, new ModelRegistry(state));
  return release?.files[0]?.uri;
}
