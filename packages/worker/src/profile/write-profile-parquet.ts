import path from 'node:path';
import { ShardmillError } from '@shardmill/core';
import { duckdbFault, duckdbMessage } from '../duckdb/duckdb-error.js';
import { quoteText } from '../duckdb/quote.js';
import { withProfileTable } from './profile-table.js';

export interface ProfileParquetRequest {
  /** A JSON object for each row: see `profileRows`. */
  readonly rows: readonly string[];
  /** A file that does not exist, in a folder that does. */
  readonly target: string;
}

/** Writes a profile as Parquet, a row for each column. @throws OUTPUT_NOT_WRITABLE, DISK_FULL */
export async function writeProfileParquet({ rows, target }: ProfileParquetRequest): Promise<null> {
  try {
    await withProfileTable(rows, [path.dirname(target)], (connection) =>
      connection.run(`COPY profile TO ${quoteText(target)} (FORMAT parquet, COMPRESSION zstd)`),
    );
    return null;
  } catch (error) {
    if (error instanceof ShardmillError) throw error;
    const message = duckdbMessage(error);
    const code = duckdbFault(message) === 'disk' ? 'DISK_FULL' : 'OUTPUT_NOT_WRITABLE';
    throw new ShardmillError(code, message, { where: target, cause: error });
  }
}
