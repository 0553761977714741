import type { InputFile } from '../../store/read-input.js';

/** What a checkpoint of a table of Delta Lake is made of, and where it goes. */
export interface CheckpointRequest {
  /** Location of the table's folder. */
  readonly table: string;
  /** The checkpoint's key below it. */
  readonly key: string;
  readonly version: number;
  /** The checkpoint that it goes on from: its version and its files. */
  readonly previous: { readonly version: number; readonly files: readonly InputFile[] } | undefined;
  /** The commits after that one, up to the version; their names have the versions. */
  readonly commits: readonly InputFile[];
  /** Files that were removed before are left out; milliseconds since 1970. */
  readonly removedSince: number;
  /** Transactions that were noted before are left out; none where it is undefined. */
  readonly transactionsSince: number | undefined;
}

export interface WrittenCheckpoint {
  /** Whether it was written now, or there already. */
  readonly created: boolean;
  /** Actions that it has. */
  readonly actions: number;
  /** How many of them are files of the table. */
  readonly files: number;
  readonly bytes: number;
}

/** Writes a checkpoint, which needs DuckDB. @throws TABLE_LOG_DAMAGED, TABLE_UNSUPPORTED, STORE_… */
export type WriteCheckpoint = (request: CheckpointRequest) => Promise<WrittenCheckpoint>;
