import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ShardmillError } from '@shardmill/core';
import { duckdbFault, duckdbMessage } from '../duckdb/duckdb-error.js';
import { openDatabase } from '../duckdb/open-database.js';
import { quotePath, quoteText } from '../duckdb/quote.js';
import { makeWorkFolder } from '../stage/work-folder.js';
import { PROFILE_COLUMNS } from './profile-table.js';

export interface ProfileParquetRequest {
  /** A JSON object for each row, with the keys of `PROFILE_COLUMNS`. */
  readonly rows: readonly string[];
  /** A file that does not exist, in a folder that does. */
  readonly target: string;
}

const MEMORY_LIMIT_BYTES = 256 * 1024 * 1024;

/** Writes a profile as Parquet, a row for each column. @throws OUTPUT_NOT_WRITABLE, DISK_FULL */
export async function writeProfileParquet(
  { rows, target }: ProfileParquetRequest,
  cacheFolder: string,
): Promise<null> {
  const folder = await makeWorkFolder(path.join(cacheFolder, 'work'));
  try {
    const lines = path.join(folder.path, 'profile.json');
    await writeFile(lines, rows.join('\n'));
    const database = await openDatabase({
      threads: 1,
      memoryLimitBytes: MEMORY_LIMIT_BYTES,
      folders: [folder.path, path.dirname(target)],
    });
    try {
      const types = Object.entries(PROFILE_COLUMNS).map(
        ([name, type]) => `${quoteText(name)}: ${quoteText(type)}`,
      );
      const connection = await database.connect();
      await connection.run(
        `COPY (SELECT * FROM read_json(${quotePath(lines)}, format = 'newline_delimited', maximum_object_size = 67108864, columns = {${types.join(', ')}}))
         TO ${quoteText(target)} (FORMAT parquet, COMPRESSION zstd)`,
      );
      return null;
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof ShardmillError) throw error;
    const message = duckdbMessage(error);
    const code = duckdbFault(message) === 'disk' ? 'DISK_FULL' : 'OUTPUT_NOT_WRITABLE';
    throw new ShardmillError(code, message, { where: target, cause: error });
  } finally {
    await folder.remove();
  }
}
