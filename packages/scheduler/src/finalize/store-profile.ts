import { createHash } from 'node:crypto';
import {
  canonicalJson,
  describeProfile,
  type ObjectRef,
  type ObjectStore,
  type Plan,
  profileKey,
  type ProfileState,
} from '@shardmill/core';

/**
 * Stores the profile of a run, and says where it is. One that is there already is taken as it is:
 * another scheduler made it of the same records.
 * @returns undefined where the run has none
 */
export async function storeProfile(
  store: ObjectStore,
  plan: Plan,
  state: ProfileState | undefined,
): Promise<ObjectRef | undefined> {
  if (plan.profile === undefined || state === undefined) return undefined;
  const key = profileKey(plan.runId);
  const content = Buffer.from(canonicalJson(describeProfile(plan, plan.profile, state)));
  const created = await store.create(key, content);
  const stored = created === 'created' ? content : await store.read(key);
  if (stored === undefined) return undefined;
  const sha256 = createHash('sha256').update(stored).digest('hex');
  return { key, bytes: stored.length, sha256 };
}
