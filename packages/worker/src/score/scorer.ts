import path from 'node:path';
import {
  addRowCounts,
  FileStore,
  mergeStatisticsByColumn,
  NO_ROWS,
  type OutputStatistics,
  type PartRecord,
  type PlannedShard,
  RECORD_FORMAT,
  type Scoring,
  type ShardRecord,
} from '@shardmill/core';
import { type Database, openDatabase } from '../duckdb/open-database.js';
import type { LanePool } from '../infer/lane-pool.js';
import { FeedPool } from '../scan/batch-builder.js';
import { type LoadedTransform, loadTransform } from '../scan/transform-batch.js';
import { throttleProgress } from './progress-throttle.js';
import { type PartContext, scorePart } from './score-part.js';
import { Turns } from './turns.js';

/** Everything that an engine must know to score shards of one run. */
export interface RunSettings {
  readonly runId: string;
  readonly planDigest: string;
  readonly jobName: string;
  readonly scoring: Scoring;
  readonly batchRows: number;
  /** Whether lanes may cut batches into the calls of the model that are fastest. */
  readonly tuneCalls: boolean;
  readonly duckdbThreads: number;
  readonly duckdbMemoryBytes: number;
  /** Folders that hold the input. */
  readonly inputFolders: readonly string[];
  /** For unfinished files; on the output's file system. */
  readonly temporaryFolder: string;
}

/** Rows of a part that are done so far; the numbers of one part only grow. */
export interface PartProgress {
  readonly shard: number;
  readonly part: number;
  readonly scored: number;
  readonly rejected: number;
  readonly finished: PartRecord | null;
  /** The part was there already, from an earlier attempt. */
  readonly resumed: boolean;
}

/** Parts whose scan is over, but which are not published yet, with the one that is being scanned. */
const PARTS_IN_FLIGHT = 3;
/** Two, so that the packing thread has a chunk to work on while the other scan decodes its next. */
const SCANS_AT_ONCE = 2;
const PROGRESS_MS = 100;

/** Scores shards of one run: parts are scanned while those before them are written. */
export class Scorer {
  #database: Database;
  #users = new Map<Database, number>();
  readonly #scans = new Turns(SCANS_AT_ONCE);
  readonly #parts = new Turns(PARTS_IN_FLIGHT);
  readonly #context: Omit<PartContext, 'shard' | 'connect' | 'signal'>;

  private constructor(
    readonly settings: RunSettings,
    database: Database,
    lanes: LanePool,
    transform: LoadedTransform | undefined,
    progress: (progress: PartProgress) => void,
  ) {
    this.#database = database;
    this.#context = {
      settings,
      lanes,
      transform,
      progress: throttleProgress(progress, PROGRESS_MS),
      feeds: new FeedPool(settings.scoring.features, settings.batchRows),
      store: new FileStore(settings.scoring.output.uri),
      pathOf: (uri) => uri,
      scans: this.#scans,
    };
  }

  static async open(
    settings: RunSettings,
    lanes: LanePool,
    progress: (progress: PartProgress) => void,
  ): Promise<Scorer> {
    const { transform } = settings.scoring;
    const [database, loaded] = await Promise.all([
      openRunDatabase(settings),
      transform === null ? undefined : loadTransform(transform),
    ]);
    return new Scorer(settings, database, lanes, loaded, progress);
  }

  /**
   * Scores the parts of a shard that are not there yet and describes all of them. The first part
   * that fails ends the shard; parts that are done stay.
   */
  async scoreShard(shard: PlannedShard): Promise<ShardRecord> {
    const stop = new AbortController();
    const seconds: Record<string, number> = {};
    const working: Promise<{ record: PartRecord; statistics: Statistics }>[] = [];
    for (const part of shard.parts) {
      const done = await this.#parts.take();
      if (stop.signal.aborted) {
        done();
        break;
      }
      const work = this.#withDatabase((connect) =>
        scorePart({ ...this.#context, shard, connect, signal: stop.signal }, part, seconds),
      );
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
    const { runId, planDigest } = this.settings;
    let rows = NO_ROWS;
    let statistics: Statistics = {};
    const parts: PartRecord[] = [];
    for (const result of settled) {
      if (result.status === 'rejected') throw result.reason;
      parts.push(result.value.record);
      rows = addRowCounts(rows, result.value.record.rows);
      statistics = mergeStatisticsByColumn(statistics, result.value.statistics);
    }
    return {
      format: RECORD_FORMAT,
      runId,
      planDigest,
      shard: shard.shard,
      rows,
      parts,
      statistics,
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
      if (this.#database === database) this.#database = await openRunDatabase(this.settings);
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

type Statistics = Record<string, OutputStatistics>;

function openRunDatabase(settings: RunSettings): Promise<Database> {
  return openDatabase({
    threads: settings.duckdbThreads,
    memoryLimitBytes: settings.duckdbMemoryBytes,
    folders: [
      ...settings.inputFolders,
      path.resolve(settings.scoring.output.uri),
      settings.temporaryFolder,
    ],
    temporaryFolder: settings.temporaryFolder,
  });
}
