import { availableParallelism } from 'node:os';
import path from 'node:path';
import {
  type BoundFeature,
  isS3,
  type PlannedProfile,
  type PlannedShard,
  type ProfileState,
  type Scoring,
  type Stores,
} from '@shardmill/core';
import { dataError } from '../duckdb/duckdb-error.js';
import { type Database, openDatabase } from '../duckdb/open-database.js';
import { partSource } from '../scan/part-source.js';
import { scanViews } from '../scan/scan-part.js';
import type { ShardFiles } from '../stage/input-files.js';
import { openInputs } from '../stage/open-inputs.js';
import { makeWorkFolder } from '../stage/work-folder.js';
import { FeatureProfile, featureProfileOrder } from './feature-profile.js';
import { PartMerger } from './part-profile.js';

export interface DatasetShardRequest {
  readonly input: Scoring['input'];
  /** The columns as they are profiled. */
  readonly features: readonly BoundFeature[];
  readonly profile: PlannedProfile;
  readonly shard: PlannedShard;
}

const MEMORY_BYTES = 1024 ** 3;
const MAX_THREADS = 8;

/**
 * What the columns of a shard of a data set look like: its rows are read as those of a run are, and scored by no model.
 * @throws INPUT_DAMAGED, INPUT_CHANGED, DISK_FULL, ENGINE_OUT_OF_MEMORY, STORE_…
 */
export async function profileDataset(
  request: DatasetShardRequest,
  stores: Stores,
  cacheFolder: string,
): Promise<ProfileState> {
  const { shard } = request;
  const folder = await makeWorkFolder(path.join(cacheFolder, 'work'));
  const { signal } = new AbortController();
  const files = openInputs(request, folder.path, stores).open(shard, signal);
  const local = shard.files.flatMap(({ uri }) => (isS3(uri) ? [] : [path.dirname(uri)]));
  try {
    const database = await openDatabase({
      threads: Math.min(MAX_THREADS, availableParallelism()),
      memoryLimitBytes: MEMORY_BYTES,
      folders: [...new Set([...local, folder.path])],
      temporaryFolder: folder.path,
    });
    try {
      return await profileParts(request, files, database, signal);
    } catch (error) {
      throw dataError(error, 'the data set cannot be profiled');
    } finally {
      database.close();
    }
  } finally {
    await files.close();
    await folder.remove();
  }
}

async function profileParts(
  { input, features, profile, shard }: DatasetShardRequest,
  files: ShardFiles,
  database: Database,
  signal: AbortSignal,
): Promise<ProfileState> {
  const merger = new PartMerger();
  for (const part of shard.parts) {
    const order = featureProfileOrder(profile, shard, part);
    if (order === undefined) continue;
    await files.stage(part);
    const own = new FeatureProfile(order, features);
    const source = partSource({ input }, shard, part, input.used, (uri) => files.pathOf(uri));
    const connection = await database.connect();
    const scoring = { features: [...features], transform: null };
    try {
      const options = { scoring, source, transform: undefined, images: undefined, signal };
      for await (const { views, keys } of scanViews(connection, options)) own.add(views, keys);
    } finally {
      connection.closeSync();
    }
    await files.check(part);
    merger.add({ ...own.finish(), outputs: [] });
  }
  return merger.finish();
}
