import type { PartProgress } from './part-progress.js';
import type { RunSettings } from './run-settings.js';
import path from 'node:path';
import {
  addRowCounts,
  type ChallengerState,
  isS3,
  type KeyState,
  mergeChallengers,
  mergeKeys,
  mergeReasons,
  mergeStatisticsByColumn,
  NO_ROWS,
  type OutputStatistics,
  type PartRecord,
  type PlannedShard,
  RECORD_FORMAT,
  type RejectedReasons,
  Semaphore,
  ShardmillError,
  type ShardRecord,
  type Stores,
} from '@shardmill/core';
import { type Database, type DatabaseOptions, openDatabase } from '../duckdb/open-database.js';
import type { ImageLoader } from '../images/image-loader.js';
import { openImages } from '../images/open-images.js';
import { PartMerger } from '../profile/part-profile.js';
import { FeedPool } from '../scan/batch-builder.js';
import { type LoadedTransform, loadTransform } from '../scan/transform-batch.js';
import type { InputFiles, ShardFiles } from '../stage/input-files.js';
import { openInputs } from '../stage/open-inputs.js';
import { throttleProgress } from './progress-throttle.js';
import { KnownDamage } from './known-damage.js';
import { scorePart } from './score-part.js';
import type { Inference, PartContext, ScoredPart } from './part-context.js';

/** Parts whose results are in a table until they are published, those being scanned included. */
const TABLES_AT_ONCE = 3;
/** Parts in flight beside those that are scored: some are fetched, and some published. */
const MORE_PARTS = 2;
/** Two, so that the packing thread has a chunk to work on while the other scan decodes its next. */
const SCANS_AT_ONCE = 2;
const PROGRESS_MS = 100;
/** The smallest memory limit of one database. */
const MIN_DATABASE_MEMORY_BYTES = 64 * 2 ** 20;

/** Scores shards of one run: parts are scanned while those before them are written. */
export class Scorer {
  #database: Database;
  #users = new Map<Database, number>();
  readonly #scans = new Semaphore(SCANS_AT_ONCE);
  readonly #parts: Semaphore;
  readonly #inputs: InputFiles;
  /** The abort controllers of the shards that are being scored. */
  readonly #stops = new Map<number, AbortController>();
  #finishing = false;
  #shardsBegun = 0;
  readonly #context: Omit<PartContext, 'shard' | 'files' | 'pathOf' | 'connect' | 'signal'>;

  private constructor(
    readonly settings: RunSettings,
    database: Database,
    inference: Inference,
    stores: Stores,
    transform: LoadedTransform | undefined,
    images: ImageLoader | undefined,
    progress: (progress: PartProgress) => void,
  ) {
    this.#database = database;
    const { singlePass } = inference;
    this.#parts = new Semaphore(
      Math.max(TABLES_AT_ONCE, (singlePass?.partsAtOnce ?? 0) + MORE_PARTS),
    );
    this.#inputs = openInputs(settings.scoring, settings.stagingFolder, stores);
    this.#context = {
      settings,
      ...inference,
      transform,
      images,
      progress: throttleProgress(progress, PROGRESS_MS),
      feeds: new FeedPool(settings.scoring.features, windowRows(settings)),
      challengers: inference.challengers.map((one) => ({
        ...one,
        feeds: new FeedPool(one.planned.features, windowRows(settings)),
      })),
      store: stores.open(settings.scoring.output.uri),
      scans: this.#scans,
      tables: new Semaphore(TABLES_AT_ONCE),
      openDatabase: () => openDatabase(databaseOptions(settings)),
      damage: new KnownDamage(),
    };
  }

  static async open(
    settings: RunSettings,
    inference: Inference,
    stores: Stores,
    progress: (progress: PartProgress) => void,
  ): Promise<Scorer> {
    const { transform, features } = settings.scoring;
    const [database, loaded, images] = await Promise.all([
      openDatabase(databaseOptions(settings)),
      transform === null ? undefined : loadTransform(transform),
      openImages(features, stores, settings.duckdbThreads),
    ]);
    return new Scorer(settings, database, inference, stores, loaded, images, progress);
  }

  /**
   * Scores the parts of a shard that are not there yet and describes all of them. The first part
   * that fails ends the shard; parts that are done stay.
   */
  async scoreShard(shard: PlannedShard): Promise<ShardRecord> {
    const stop = new AbortController();
    const files = this.#inputs.open(shard, stop.signal);
    this.#stops.set(shard.shard, stop);
    try {
      return await this.#scoreParts(shard, files, stop);
    } finally {
      this.#stops.delete(shard.shard);
      await files.close();
    }
  }

  /** Stops a shard where it is, with INTERRUPTED; parts that are done stay. */
  cancelShard(shard: number): void {
    this.#stops.get(shard)?.abort(new ShardmillError('INTERRUPTED', 'the shard was abandoned'));
  }

  /** Begins no further part; a shard that has one left ends with INTERRUPTED after those begun. */
  finishParts(): void {
    this.#finishing = true;
  }

  async #scoreParts(
    shard: PlannedShard,
    files: ShardFiles,
    stop: AbortController,
  ): Promise<ShardRecord> {
    const { pathOf } = files;
    // Shards end one after the other, so that there is always one to go on with.
    const rank = this.#shardsBegun++;
    const working: Promise<TimedPart>[] = [];
    const profile = new PartMerger();
    for (const part of shard.parts) {
      const done = await this.#parts.acquire(rank, stop.signal).catch(() => undefined);
      if (done === undefined || this.#finishing) {
        done?.();
        break;
      }
      this.#context.progress(nothingYet(shard.shard, part.part));
      const seconds: Record<string, number> = {};
      const work = this.#withDatabase(async (connect) => {
        const context = { ...this.#context, shard, files, pathOf, connect, signal: stop.signal };
        const { profile: own, ...scored } = await scorePart(context, part, seconds);
        profile.add(own);
        return { ...scored, seconds };
      });
      working.push(
        work.finally(done).catch((error: unknown) => {
          stop.abort(error);
          throw error;
        }),
      );
      working.at(-1)?.catch(() => {});
    }
    const settled = await Promise.allSettled(working);
    // What made the others stop is the cause, not what they then threw.
    if (stop.signal.aborted) throw stop.signal.reason;
    if (working.length < shard.parts.length) {
      throw new ShardmillError('INTERRUPTED', 'no further part was begun');
    }
    const { runId, planDigest, profile: planned, keys: checkedKeys } = this.settings;
    let rows = NO_ROWS;
    let statistics: Statistics = {};
    let rejectedReasons: RejectedReasons | undefined;
    let challengers: ChallengerState[] | undefined;
    const keys: KeyState[] = [];
    const parts: PartRecord[] = [];
    const seconds: Record<string, number> = {};
    for (const result of settled) {
      if (result.status === 'rejected') throw result.reason;
      parts.push(result.value.record);
      rows = addRowCounts(rows, result.value.record.rows);
      if (result.value.rejectedReasons !== undefined) {
        rejectedReasons = mergeReasons(rejectedReasons, result.value.rejectedReasons);
      }
      statistics = mergeStatisticsByColumn(statistics, result.value.statistics);
      if (result.value.challengers !== undefined) {
        challengers = mergeChallengers(challengers, result.value.challengers);
      }
      keys.push(...(result.value.keys ?? []));
      for (const [step, spent] of Object.entries(result.value.seconds)) {
        seconds[step] = (seconds[step] ?? 0) + spent;
      }
    }
    return {
      format: RECORD_FORMAT,
      runId,
      planDigest,
      shard: shard.shard,
      rows,
      parts,
      ...(rejectedReasons !== undefined && { rejectedReasons }),
      statistics,
      ...(planned !== undefined && { profile: profile.finish() }),
      ...(challengers !== undefined && { challengers }),
      ...(checkedKeys !== undefined && { keys: mergeKeys(keys) }),
      seconds,
    };
  }

  close(): void {
    this.#database.close();
  }

  /** Lends the database; after a failure it is replaced, since a fatal error spoils it for all. */
  async #withDatabase<T>(use: (connect: Database['connect']) => Promise<T>): Promise<T> {
    const database = this.#database;
    this.#users.set(database, (this.#users.get(database) ?? 0) + 1);
    try {
      return await use(() => database.connect());
    } catch (error) {
      if (this.#database === database) {
        this.#database = await openDatabase(databaseOptions(this.settings));
      }
      throw error;
    } finally {
      const left = (this.#users.get(database) ?? 1) - 1;
      this.#users.set(database, left);
      if (left === 0 && database !== this.#database) {
        this.#users.delete(database);
        database.close();
      }
    }
  }
}

/** Texts of which calls of rows of about the same length are made, where each has few. */
const MIN_WINDOW_ROWS = 2048;

/** The most rows of a batch; those of texts are divided into calls by their lengths. */
function windowRows({ scoring, batchRows, tuneCalls }: RunSettings): number {
  const divided = scoring.text !== undefined && scoring.model.rowsPerCall === undefined;
  return divided && !tuneCalls ? Math.max(MIN_WINDOW_ROWS, batchRows) : batchRows;
}

/** The report that a part has begun: from here on its time counts. */
function nothingYet(shard: number, part: number): PartProgress {
  return { shard, part, scored: 0, rejected: 0, finished: null, resumed: false };
}

type Statistics = Record<string, OutputStatistics>;
type TimedPart = Omit<ScoredPart, 'profile'> & {
  readonly seconds: Readonly<Record<string, number>>;
};

/** Options of a run's database, or of one of several that share threads and memory. */
export function databaseOptions(settings: RunSettings, shares = 1): DatabaseOptions {
  const { uri } = settings.scoring.output;
  const { duckdbThreads, duckdbMemoryBytes, temporaryFolder } = settings;
  return {
    threads: Math.max(1, Math.floor(duckdbThreads / shares)),
    memoryLimitBytes: Math.max(MIN_DATABASE_MEMORY_BYTES, Math.floor(duckdbMemoryBytes / shares)),
    folders: [
      ...settings.inputFolders,
      ...(isS3(uri) ? [] : [path.resolve(uri)]),
      settings.stagingFolder,
      temporaryFolder,
    ],
    temporaryFolder,
  };
}
