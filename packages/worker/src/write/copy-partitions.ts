import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { DuckDBMapValue } from '../duckdb/node-api.js';
import { partitionFolders, type PartitionValues, ShardmillError } from '@shardmill/core';
import { quoteName, quoteText } from '../duckdb/quote.js';

/** A finished local file with a part's rows of one partition. */
export interface PartitionFile {
  readonly path: string;
  readonly rows: number;
  readonly values: PartitionValues;
}

/**
 * Writes a query's rows to a file for each partition, without the partition columns, in a folder
 * that is not there yet. Names of files say nothing: values come from DuckDB as values.
 * @param options of the Parquet files, as `COPY` takes them.
 * @throws PARTITION_LIMIT where DuckDB began several files for a partition, for there were too many
 */
export async function copyPartitions(
  connection: DuckDBConnection,
  select: string,
  folder: string,
  partitionBy: readonly string[],
  options: string,
): Promise<PartitionFile[]> {
  const layout = [
    `PARTITION_BY (${partitionBy.map(quoteName).join(', ')})`,
    'HIVE_FILE_PATTERN false',
    "FILENAME_PATTERN '{uuid}'",
    "FILE_EXTENSION 'unfinished'",
    'RETURN_STATS true',
  ].join(', ');
  const reader = await connection.runAndReadAll(
    `COPY (${select}) TO ${quoteText(folder)} (${options}, ${layout})`,
  );
  const files = reader.getRowObjects().map(({ filename, count, partition_keys: keys }) => ({
    path: String(filename),
    rows: Number(count),
    values: valuesOf(keys),
  }));
  const names = files.map(({ values }) => partitionFolders(partitionBy, values));
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice === undefined) return files;
  throw new ShardmillError('PARTITION_LIMIT', `${files.length} files were begun, two for ${twice}`);
}

function valuesOf(keys: DuckDBValue | undefined): PartitionValues {
  if (!(keys instanceof DuckDBMapValue))
    throw new Error('DuckDB did not say whose rows a file has');
  return Object.fromEntries(
    keys.entries.map(({ key, value }) => [String(key), value === null ? null : String(value)]),
  );
}
