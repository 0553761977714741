import {
  canonicalJson,
  type Column,
  describeDataset,
  ProfileMerger,
  resolveLocation,
  type Profile,
  ShardmillError,
} from '@shardmill/core';
import { planDataset } from '@shardmill/scheduler';
import { limitPlanning } from '@shardmill/worker';
import type { CompareContext } from '../compare/score-and-compare.js';
import { listHere } from '../planning/local-planner.js';

export interface ProfileDatasetRequest {
  /** A Parquet file, folder, pattern or table of Delta Lake; a path or `s3://`. */
  readonly uri: string;
  /** Names of the columns; all of numbers and texts where left out. */
  readonly columns?: readonly string[] | undefined;
  /** Where a relative path starts. */
  readonly cwd: string;
  readonly signal: AbortSignal;
}

export interface ProfiledDataset {
  readonly profile: Profile;
  /** The profile as it is stored. */
  readonly content: Uint8Array;
  readonly rows: number;
  /** Columns without numbers or texts. */
  readonly leftOut: readonly Column[];
}

/** What a profile of a data set reports while it is made. */
export interface DatasetEvents {
  /** Called after each stretch of rows. */
  readonly progress: (rowsDone: number, rowsPlanned: number) => void;
  readonly notice: (message: string) => void;
}

/**
 * The profile of a data set as it is: without a job, and so without a model. All rows are looked at.
 * @throws COLUMN_NOT_FOUND, PROFILE_COLUMN_TYPE, INPUT_…, TABLE_…, STORE_…, INTERRUPTED
 */
export async function profileDataset(
  { uri, columns, cwd, signal }: ProfileDatasetRequest,
  { progress, notice }: DatasetEvents,
  { stores, startEngine, limits }: Pick<CompareContext, 'stores' | 'startEngine' | 'limits'>,
): Promise<ProfiledDataset> {
  const engine = startEngine();
  const stop = (): void => engine.kill(interrupted());
  signal.addEventListener('abort', stop);
  try {
    const location = resolveLocation(uri, cwd);
    const plan = await limitPlanning(limits, [engine], signal, async () => {
      const listed = await listHere(
        {
          stores,
          uri: location,
          base: '/',
          hivePartitioning: true,
          readCheckpoint: (file) => engine.readCheckpoint(file),
        },
        { limits, signal },
      );
      return planDataset({
        listing: listed,
        columns,
        describeInput: (file) => engine.describeInput(file),
        stores,
      });
    });
    for (const message of plan.notices) notice(message);
    const { input, features, profile, rows } = plan;
    const merger = new ProfileMerger();
    let done = 0;
    for (const shard of plan.shards) {
      merger.add(await engine.profileDataset({ input, features, profile, shard }));
      done += shard.rows;
      progress(done, rows);
    }
    const described = describeDataset({ uri: location }, plan, merger.finish());
    const content = Buffer.from(canonicalJson(described));
    return { profile: described, content, rows, leftOut: plan.leftOut };
  } finally {
    signal.removeEventListener('abort', stop);
    await engine.close();
  }
}

function interrupted(): ShardmillError {
  return new ShardmillError('INTERRUPTED', 'the data set was not profiled to its end', {
    remedy: 'Nothing was written. Run the same command again.',
  });
}
