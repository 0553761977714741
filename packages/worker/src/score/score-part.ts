import { rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type ObjectStore,
  type OutputStatistics,
  type PartRecord,
  partKey,
  type PlannedPart,
  type PlannedShard,
  type RejectedReasons,
  ShardmillError,
} from '@shardmill/core';
import type { Database } from '../duckdb/open-database.js';
import type { LanePool } from '../lane/lane-pool.js';
import type { FeedPool } from '../scan/batch-builder.js';
import type { LoadedTransform } from '../scan/transform-batch.js';
import type { ShardFiles } from '../stage/input-files.js';
import { readBack } from '../write/read-back.js';
import { diagnosePart } from './diagnose-part.js';
import { describeExistingPart } from './existing-part.js';
import { writeInOnePass } from './one-pass.js';
import type { PartProgress, RunSettings } from './scorer.js';
import type { SinglePass } from './single-pass.js';
import type { Turns } from './turns.js';
import { writeInTwoPasses } from './two-passes.js';
import { accountingError, type StepSeconds, timed } from './written-part.js';

export interface PartContext {
  readonly settings: RunSettings;
  /** All of the run's lanes; without a single pass they are there from the beginning. */
  readonly lanes: () => Promise<LanePool>;
  /** Undefined where the two passes are the way for every part. */
  readonly singlePass: SinglePass | undefined;
  readonly feeds: FeedPool;
  readonly transform: LoadedTransform | undefined;
  /** Of the output. */
  readonly store: ObjectStore;
  readonly files: ShardFiles;
  /** Where a file of the input is read, once its part is staged. */
  readonly pathOf: (uri: string) => string;
  readonly scans: Turns;
  /** For parts whose results are kept in a table until they are published. */
  readonly tables: Turns;
  readonly progress: (progress: PartProgress) => void;
  readonly shard: PlannedShard;
  readonly connect: () => Promise<DuckDBConnection>;
  /** Another one like it. */
  readonly openDatabase: () => Promise<Database>;
  readonly signal: AbortSignal;
}

export interface ScoredPart {
  readonly record: PartRecord;
  readonly statistics: Record<string, OutputStatistics>;
  /** Undefined where no row was rejected. */
  readonly rejectedReasons: RejectedReasons | undefined;
  /** Bytes of the input that were fetched for it. */
  readonly bytesRead: number;
  /** Somebody else was first with it, while it was made here. */
  readonly madeByAnother?: boolean;
}

/**
 * Makes one part: stage, score and write, read back, publish. A part whose object is there
 * already is described from it, whoever made it: the plan fixes its rows and its model.
 * @param seconds gets the time of each step of this part.
 */
export async function scorePart(
  context: PartContext,
  part: PlannedPart,
  seconds: StepSeconds,
): Promise<ScoredPart> {
  const { shard, progress, connect, files, pathOf, settings, openDatabase } = context;
  const connection = await connect();
  try {
    const existing = await describeExistingPart(connection, context, part);
    const done = existing ?? (await makePart(connection, context, part, seconds));
    const { scored, rejected } = done.record.rows;
    progress({
      shard: shard.shard,
      part: part.part,
      scored,
      rejected,
      finished: done.record,
      resumed: existing !== undefined || done.madeByAnother === true,
      seconds,
      bytesRead: done.bytesRead,
    });
    return done;
  } catch (error) {
    if (!(error instanceof ShardmillError)) {
      // A file that changed under the scan looks like damage: the change is the cause.
      await files.check(part);
    }
    const { scoring } = settings;
    throw await diagnosePart(error, { scoring, shard, part, pathOf, openDatabase });
  } finally {
    connection.closeSync();
  }
}

async function makePart(
  connection: DuckDBConnection,
  context: PartContext,
  part: PlannedPart,
  seconds: StepSeconds,
): Promise<ScoredPart> {
  const { settings, shard, store, files } = context;
  // Before the turn to scan is taken: the next part is fetched while this one is scored.
  const bytesRead = await timed(seconds, 'stage', () => files.stage(part));
  const written =
    (await writeInOnePass(connection, context, part, seconds)) ??
    (await writeInTwoPasses(connection, context, part, seconds));
  const { file, rows, known } = written;
  try {
    const content = await timed(seconds, 'readBack', () =>
      readBack(connection, file, settings.scoring, known),
    );
    if (content.rows !== rows.scored) {
      const seen = { ...rows, scored: content.rows };
      throw accountingError(shard, part, seen, 'in the written file');
    }
    const rejected = await written.publishRejected();
    await files.check(part);
    const key = partKey(settings.runId, shard.shard, part.part);
    const created = await timed(seconds, 'publish', () => store.create(key, { path: file }));
    if (created === 'exists') {
      const existing = await describeExistingPart(connection, context, part);
      if (existing !== undefined) return { ...existing, bytesRead, madeByAnother: true };
    }
    const { bytes, sha256, statistics } = content;
    return {
      record: {
        part: part.part,
        rows,
        object: { key, bytes, sha256 },
        rejected: rejected?.object ?? null,
      },
      rejectedReasons: rejected?.reasons,
      statistics,
      bytesRead,
    };
  } finally {
    await rm(file, { force: true });
    await written.release();
  }
}
