import type { NamedState, PlannedPart, RowCounts } from '@shardmill/core';
import type { PartProfile, ProfiledFeatures } from '../profile/part-profile.js';
import type { PartContent, PartToRead } from '../write/read-back.js';
import type { PartContext, RejectsObject, ScoredPart } from './part-context.js';

/** What the profile of a run is merged of. */
export function partProfile(
  features: ProfiledFeatures | undefined,
  outputs: readonly NamedState[],
): PartProfile {
  return { sampledRows: 0, features: [], ...features, outputs: [...outputs] };
}

/** What is read of a part's finished files. */
export function partToRead(
  { settings: { keys }, shard: { shard } }: Pick<PartContext, 'settings' | 'shard'>,
  { part }: PlannedPart,
): PartToRead {
  return { shard, part, keys };
}

/** A part whose object is there, by what its file was found to hold; nothing was fetched for that. */
export function scoredPart(
  { part }: PlannedPart,
  key: string,
  rows: RowCounts,
  { bytes, sha256, statistics, outputs, challengers, keys }: PartContent,
  rejected: RejectsObject | null,
  features: ProfiledFeatures | undefined,
): ScoredPart {
  return {
    record: { part, rows, object: { key, bytes, sha256 }, rejected: rejected?.object ?? null },
    rejectedReasons: rejected?.reasons,
    statistics,
    profile: partProfile(features, outputs),
    challengers,
    keys,
    bytesRead: 0,
  };
}
