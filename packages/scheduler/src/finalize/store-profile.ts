import { createHash } from 'node:crypto';
import {
  canonicalJson,
  describeProfile,
  type ObjectRef,
  type ObjectStore,
  type Plan,
  type Profile,
  profileKey,
  type ProfileState,
} from '@shardmill/core';

/** The profile of a run; undefined where it has none. */
export function profileOf(plan: Plan, state: ProfileState | undefined): Profile | undefined {
  if (plan.profile === undefined || state === undefined) return undefined;
  return describeProfile(plan, plan.profile, state);
}

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
  const profile = profileOf(plan, state);
  if (profile === undefined) return undefined;
  const key = profileKey(plan.runId);
  const content = Buffer.from(canonicalJson(profile));
  const created = await store.create(key, content);
  const stored = created === 'created' ? content : await store.read(key);
  if (stored === undefined) return undefined;
  const sha256 = createHash('sha256').update(stored).digest('hex');
  return { key, bytes: stored.length, sha256 };
}
