import type { ParquetDescription } from '@shardmill/worker';

/** A Parquet file or folder as `inspect` shows it. */
export interface InspectedParquet extends ParquetDescription {
  /** Absolute, as given: a file, a folder, or a glob. */
  readonly path: string;
  /** Columns that are not in the files but in the names of their folders. */
  readonly partitionColumns: readonly string[];
}
