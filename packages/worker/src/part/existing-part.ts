import type { DuckDBConnection } from '@duckdb/node-api';
import { partKey, type PlannedPart, rejectedKey, ShardmillError } from '@shardmill/core';
import { duckdbFault, duckdbMessage } from '../duckdb/duckdb-error.js';
import { digestFile } from '../write/part-file.js';
import { readBack } from '../write/read-back.js';
import type { ProfiledFeatures } from '../profile/part-profile.js';
import { countReasons } from './count-reasons.js';
import { partMetadata, readPartMetadata, rowsOf } from '../write/part-metadata.js';
import { describeIndexedPart } from './partitions/existing-index.js';
import type { RejectsObject } from './part-context.js';
import { partToRead, scoredPart } from './scored-part.js';
import type { PartContext, ScoredPart } from './part-context.js';

/**
 * The part as its object describes it, or undefined where there is none.
 * @param features what its features look like, which the object does not say.
 * @throws OUTPUT_CONFLICT where the object is not this part of this plan.
 */
export async function describeExistingPart(
  connection: DuckDBConnection,
  context: PartContext,
  part: PlannedPart,
  features: () => Promise<ProfiledFeatures | undefined>,
): Promise<ScoredPart | undefined> {
  const { settings, shard, store } = context;
  if (settings.scoring.output.partitionBy !== undefined) return describeIndexedPart(context, part);
  const key = partKey(settings.runId, shard.shard, part.part);
  const copy = await store.localCopy(key, settings.temporaryFolder);
  if (copy === undefined) return undefined;
  try {
    return await describeFile(connection, context, part, copy.path, features);
  } finally {
    await copy.release();
  }
}

/** A part's rejected rows as their object describes them. @throws OUTPUT_CONFLICT where it does not. */
export async function describeRejected(
  connection: DuckDBConnection,
  { settings, shard, store }: Pick<PartContext, 'settings' | 'shard' | 'store'>,
  part: PlannedPart,
): Promise<RejectsObject> {
  const key = rejectedKey(settings.runId, shard.shard, part.part);
  const conflict = (seen: string): ShardmillError =>
    new ShardmillError('OUTPUT_CONFLICT', seen, { where: store.locate(key) });
  const copy = await store.localCopy(key, settings.temporaryFolder);
  if (copy === undefined) throw conflict('it is gone');
  try {
    const digest = await digestFile(copy.path);
    const reasons = await countReasons(connection, copy.path).catch((error: unknown) => {
      const message = duckdbMessage(error);
      throw duckdbFault(message) === 'data' ? conflict(`it cannot be read: ${message}`) : error;
    });
    return { object: { key, ...digest }, reasons };
  } finally {
    await copy.release();
  }
}

async function describeFile(
  connection: DuckDBConnection,
  context: PartContext,
  part: PlannedPart,
  file: string,
  features: () => Promise<ProfiledFeatures | undefined>,
): Promise<ScoredPart> {
  const { settings, shard, store } = context;
  const key = partKey(settings.runId, shard.shard, part.part);
  const conflict = (seen: string): ShardmillError =>
    new ShardmillError('OUTPUT_CONFLICT', seen, { where: store.locate(key) });
  const unreadable = (error: unknown): never => {
    const message = duckdbMessage(error);
    // No memory or no disk space is no fault of the file.
    throw duckdbFault(message) === 'data' ? conflict(`it cannot be read: ${message}`) : error;
  };
  const metadata = await readPartMetadata(connection, file).catch(unreadable);
  const expected = partMetadata(settings, shard, part);
  for (const name of ['shardmill.plan_digest', 'shardmill.part', 'shardmill.model_sha256']) {
    if (metadata.get(name) !== expected[name]) {
      throw conflict(
        `its ${name} is ${metadata.get(name) ?? 'missing'}, expected ${expected[name]}`,
      );
    }
  }
  const rows = rowsOf(metadata);
  const toRead = partToRead(context, part);
  const content = await readBack(connection, file, settings.scoring, toRead).catch(unreadable);
  if (
    rows === undefined ||
    rows.read !== part.rows ||
    rows.scored !== content.rows ||
    rows.scored + rows.rejected + rows.filtered !== rows.read
  ) {
    throw conflict(`its row counts do not add up: ${JSON.stringify(rows) ?? 'missing'}`);
  }
  const rejected = rows.rejected === 0 ? null : await describeRejected(connection, context, part);
  return scoredPart(part, key, rows, content, rejected, await features());
}
