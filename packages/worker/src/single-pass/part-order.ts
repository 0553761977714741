import type { NumberState, RowCounts, Scoring } from '@shardmill/core';
import type { DatabaseOptions } from '../duckdb/open-database.js';
import type { FeatureProfileOrder } from '../profile/feature-profile.js';
import type { ProfiledFeatures } from '../profile/part-profile.js';
import type { NearRows } from '../scan/near-rows.js';
import type { ModelSubstitute } from '../substitute/model-substitute.js';
import type { ScoredBy } from '../substitute/scored-by.js';
import type { CountedChallenger, PartPlace } from '../write/compare-outputs.js';
import type { PartitionFile } from '../write/copy-partitions.js';

/** What a lane must know of a challenger. */
export interface ChallengerSetup {
  readonly modelPath: string;
  readonly substitute: ModelSubstitute | undefined;
}

/** What a lane must know of a run to write its parts. */
export interface WriterSetup {
  readonly scoring: Scoring;
  readonly modelPath: string;
  /** Threads of one call of the model. */
  readonly threads: number;
  /** Scores in place of the model where its first rows are the same. */
  readonly substitute?: ModelSubstitute | undefined;
  /** Of each planned challenger. */
  readonly challengers?: readonly ChallengerSetup[];
  /** Whether to go on whatever a call of the models costs. */
  readonly atAnyCost: boolean;
  /** Options of the lane's own database. */
  readonly database: DatabaseOptions;
}

/** One part to be written. */
export interface PartOrder {
  readonly place: PartPlace;
  /** Its rows, from `partSource`. */
  readonly source: string;
  /** How to read them together with those of other parts; undefined where they are read by themselves. */
  readonly near?: NearRows | undefined;
  /** How many there are without `where`. */
  readonly read: number;
  /** How many of those `where` leaves out. */
  readonly filtered: number;
  /**
   * Whether to search for rows to reject first: how many there are must be known before the file is
   * begun, since it is in its metadata.
   */
  readonly survey: boolean;
  /** Put into the file's key-value metadata, with what became of the rows. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Folder for unfinished files. */
  readonly temporaryFolder: string;
  /** Undefined where the run has no profile of its features. */
  readonly profile?: FeatureProfileOrder | undefined;
}

/** Rows that were rejected, by their keys, with the reason of each. */
export interface Rejects {
  readonly keys: readonly bigint[];
  readonly reasons: readonly string[];
}

/** What a challenger did with the rows of a part. */
export interface TalliedChallenger {
  readonly counted: CountedChallenger;
  /** Why the first row of its share was not scored that was not. */
  readonly failure: string | undefined;
}

/** A part in a finished file, or in a folder with one for each partition. */
interface WrittenFile {
  readonly file: string;
  /** The files in the folder, where the output is divided by partition. */
  readonly partitions?: readonly PartitionFile[] | undefined;
  readonly rows: RowCounts;
  readonly rejects: Rejects;
  /** Numbers of the output columns that are a model output as it is. */
  readonly known: ReadonlyMap<string, NumberState>;
  /** Undefined where the run has no profile of its features. */
  readonly features?: ProfiledFeatures | undefined;
  /** Of each challenger; undefined where the run has none. */
  readonly challengers?: readonly TalliedChallenger[] | undefined;
  /** Time in the model. */
  readonly modelMs: number;
  /** Time in the models of challengers. */
  readonly challengersMs: number;
  /** What was the model. */
  readonly scoredBy: ScoredBy;
  /** What its cheapest calls of the models for a chunk cost, in microseconds per row; undefined without rows. */
  readonly usPerRow: number | undefined;
}

/** Why the part has to be written in two passes; nothing is left of it then. */
interface NotWritten {
  readonly file?: undefined;
  readonly why: string;
  /** Whether that is a row to be rejected, with no survey for such rows before. */
  readonly needsSurvey?: boolean;
  /** As of a written file; more than `MAX_US_PER_ROW` is the reason why it was not written. */
  readonly usPerRow?: number | undefined;
}

export type PartOutcome = WrittenFile | NotWritten;
