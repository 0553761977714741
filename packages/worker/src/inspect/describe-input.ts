import { access, constants } from 'node:fs/promises';
import { type Column, ShardmillError, storageError } from '@shardmill/core';
import { DuckDBInstance } from '@duckdb/node-api';
import { duckdbMessage } from '../duckdb/duckdb-error.js';
import { quotePath } from '../sql/quote.js';

/** Columns of a Parquet file with DuckDB's types; only the footer is read. */
export async function describeInput(file: string): Promise<Column[]> {
  await access(file, constants.R_OK).catch((error: unknown) => {
    throw storageError(error, file, 'read');
  });
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  try {
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(
      `DESCRIBE SELECT * FROM read_parquet(${quotePath(file)}, hive_partitioning = false)`,
    );
    return reader.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
  } catch (error) {
    throw new ShardmillError('INPUT_NOT_PARQUET', duckdbMessage(error), {
      where: file,
      cause: error,
    });
  } finally {
    instance.closeSync();
  }
}
