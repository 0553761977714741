import { createHash } from 'node:crypto';
import {
  mapConcurrent,
  partFileKey,
  type PartFile,
  type PartIndex,
  partIndexKey,
  partitionFolders,
  type PlannedPart,
  ShardmillError,
} from '@shardmill/core';
import type { PartContext, ScoredPart } from '../part-context.js';

const LOOKS_AT_ONCE = 16;

type Place = Pick<PartContext, 'settings' | 'shard' | 'store'>;

/**
 * A part whose index is there, as that describes it, once its files were seen to be there in their
 * sizes; undefined where there is no index: files without one are no part yet.
 * @throws OUTPUT_CONFLICT where the index is not of this part of this plan, or a file is not there
 */
export async function describeIndexedPart(
  place: Place,
  part: PlannedPart,
): Promise<ScoredPart | undefined> {
  const { settings, shard, store } = place;
  const key = partIndexKey(settings.runId, shard.shard, part.part);
  const content = await store.read(key);
  if (content === undefined) return undefined;
  // Loaded only where it is needed: see core/src/plans.ts.
  const { parsePartIndex } = await import('@shardmill/core/plans');
  const index = parsePartIndex(content, store.locate(key));
  const fault = whyNotThisPart(index, place, part);
  if (fault !== undefined) {
    throw new ShardmillError('OUTPUT_CONFLICT', fault, { where: store.locate(key) });
  }
  await mapConcurrent([...index.files], LOOKS_AT_ONCE, (file) => refuseOther(place, file));
  return scoredFromIndex(key, content, index);
}

/** A part that is there, by its index. */
export function scoredFromIndex(key: string, content: Uint8Array, index: PartIndex): ScoredPart {
  const { part, rows, files, rejected, rejectedReasons, statistics, profile } = index;
  const sha256 = createHash('sha256').update(content).digest('hex');
  return {
    record: { part, rows, object: { key, bytes: content.length, sha256 }, files, rejected },
    rejectedReasons,
    statistics,
    profile,
    challengers: index.challengers,
    keys: index.keys,
    bytesRead: 0,
  };
}

function whyNotThisPart(
  index: PartIndex,
  { settings, shard }: Place,
  part: PlannedPart,
): string | undefined {
  const { runId, planDigest, scoring } = settings;
  const expected = { runId, planDigest, modelSha256: scoring.model.sha256, ...place(shard, part) };
  for (const name of ['runId', 'planDigest', 'modelSha256', 'shard', 'part'] as const) {
    if (index[name] !== expected[name]) {
      return `its ${name} is ${index[name]}, expected ${expected[name]}`;
    }
  }
  const { read, scored, rejected, filtered } = index.rows;
  const inFiles = index.files.reduce((sum, { rows }) => sum + rows, 0);
  if (read !== part.rows || scored + rejected + filtered !== read || inFiles !== scored) {
    return `its row counts do not add up: ${JSON.stringify(index.rows)}, ${inFiles} in files`;
  }
  const columns = scoring.output.partitionBy ?? [];
  const other = index.files.find(({ key, partition }) => {
    const folders = partitionFolders(columns, partition);
    return key !== partFileKey(folders, runId, shard.shard, part.part);
  });
  return other === undefined ? undefined : `it names ${other.key}`;
}

const place = ({ shard }: Place['shard'], { part }: PlannedPart) => ({ shard, part });

async function refuseOther({ store }: Place, { key, bytes }: PartFile): Promise<void> {
  const found = await store.head(key);
  if (found?.bytes === bytes) return;
  const seen = found === undefined ? 'it is gone' : `it has ${found.bytes} bytes`;
  throw new ShardmillError('OUTPUT_CONFLICT', `${seen}, its part's index says ${bytes} bytes`, {
    where: store.locate(key),
  });
}
