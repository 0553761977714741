import type { Scoring } from '@shardmill/core';
import type { DatabaseOptions } from '../duckdb/open-database.js';
import type { Numbers } from '../write/number-collector.js';

/** What a lane must know of a run to write its parts. */
export interface WriterSetup {
  readonly scoring: Scoring;
  readonly modelPath: string;
  /** Of one call of the model. */
  readonly threads: number;
  /** Whether to go on whatever a call of the model costs. */
  readonly atAnyCost: boolean;
  /** Of the lane's own database. */
  readonly database: DatabaseOptions;
}

/** One part to be written. */
export interface PartOrder {
  /** Its rows, from `partSource`. */
  readonly source: string;
  /** How many of them `where` leaves. */
  readonly rows: number;
  /** Put into the file's key-value metadata. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Folder for unfinished files. */
  readonly temporaryFolder: string;
}

/** A finished file. */
interface WrittenFile {
  readonly file: string;
  /** Numbers of the output columns that are a model output as it is. */
  readonly known: ReadonlyMap<string, Numbers>;
  /** Time in the model, in milliseconds. */
  readonly modelMs: number;
  /** What its cheapest call of the model cost, in microseconds per row; undefined without rows. */
  readonly usPerRow: number | undefined;
}

/** Why the part is one for two passes; nothing is left of it then. */
interface NotWritten {
  readonly file?: undefined;
  readonly why: string;
  /** As of a file; more than `MOST_US` is why, then. */
  readonly usPerRow?: number | undefined;
}

export type PartOutcome = WrittenFile | NotWritten;
