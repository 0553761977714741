import { access, constants } from 'node:fs/promises';
import { type Column, type InputFile, ShardmillError, storageError } from '@shardmill/core';
import { DuckDBInstance } from '../duckdb/node-api.js';
import { duckdbMessage } from '../duckdb/duckdb-error.js';
import { quotePath } from '../sql/quote.js';

/**
 * Columns of a Parquet file with DuckDB's types; only the footer is read.
 * @param path where its footer can be read.
 */
export async function describeInput(file: InputFile, path: string): Promise<Column[]> {
  await access(path, constants.R_OK).catch((error: unknown) => {
    throw storageError(error, path, 'read');
  });
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  try {
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(
      `DESCRIBE SELECT * FROM read_parquet(${quotePath(path)}, hive_partitioning = false)`,
    );
    return reader.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
  } catch (error) {
    const message = duckdbMessage(error);
    // The planner has read the footer by then: what DuckDB does not accept is seldom damage.
    const damaged = /thrift|protocol|corrupt|deserializ/i.test(message);
    throw new ShardmillError(damaged ? 'INPUT_NOT_PARQUET' : 'INPUT_UNSUPPORTED', message, {
      where: file.uri,
      cause: error,
    });
  } finally {
    instance.closeSync();
  }
}
