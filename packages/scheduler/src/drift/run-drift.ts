import {
  baselineKey,
  type Drift,
  driftKey,
  DRIFT_FORMAT,
  findDrift,
  type ManifestDrift,
  type ObjectStore,
  type Plan,
  type Profile,
  ShardmillError,
} from '@shardmill/core';
import { driftSchema } from '@shardmill/core/schemas';
import { createHash } from 'node:crypto';
import { createNote, readNote } from '../quality/stored-note.js';
import { parseProfile } from './find-baseline.js';

/**
 * The drift of a run whose rows are all accounted for. The first process that finds it notes it; all others go by
 * that note.
 * @param profile of the run; called where it is not noted yet.
 * @returns undefined where the job has no baseline at all. @throws PLAN_MISMATCH
 */
export async function driftOf(
  store: ObjectStore,
  plan: Plan,
  profile: () => Profile | undefined,
): Promise<Drift | undefined> {
  if (plan.drift === undefined) return undefined;
  const noted = await readNote(store, driftKey(plan.runId), driftSchema);
  if (noted !== undefined) return noted;
  const drift = await compare(store, plan, plan.drift, profile());
  return createNote(store, driftKey(plan.runId), drift, driftSchema);
}

/** What the manifest says of it. */
export function manifestDrift({ severity, baseline, columns }: Drift): ManifestDrift {
  const withoutBins = columns.map((column): ManifestDrift['columns'][number] => {
    const { bins: _, ...rest } = column;
    return rest;
  });
  return { severity, baseline, columns: withoutBins };
}

async function compare(
  store: ObjectStore,
  plan: Plan,
  planned: NonNullable<Plan['drift']>,
  profile: Profile | undefined,
): Promise<Drift> {
  const { runId, digest: planDigest } = plan;
  if (planned.baseline === null) {
    const { severity } = planned;
    return { format: DRIFT_FORMAT, runId, planDigest, severity, baseline: null, columns: [] };
  }
  const { sha256 } = planned.baseline;
  const key = baselineKey(runId, sha256);
  const bytes = await store.read(key);
  const seen = bytes === undefined ? undefined : createHash('sha256').update(bytes).digest('hex');
  if (bytes === undefined || seen !== sha256) {
    const what = seen === undefined ? 'it is gone' : `its SHA-256 is ${seen.slice(0, 12)}`;
    throw new ShardmillError('PLAN_MISMATCH', `${what}, the plan has ${sha256.slice(0, 12)}`, {
      where: store.locate(key),
      remedy: 'The run cannot be compared with its baseline any more: submit it anew.',
    });
  }
  const baseline = parseProfile(bytes, store.locate(key));
  return findDrift(planned, { runId, planDigest }, baseline, profile);
}
