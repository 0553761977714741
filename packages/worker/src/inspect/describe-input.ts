import { access, constants } from 'node:fs/promises';
import {
  type Column,
  formatType,
  type InputFile,
  mapScalars,
  NULL_TYPE,
  parseType,
  ShardmillError,
  storageError,
} from '@shardmill/core';
import { DuckDBInstance } from '../duckdb/node-api.js';
import { duckdbMessage } from '../duckdb/duckdb-error.js';
import { quotePath } from '../duckdb/quote.js';

/**
 * Columns of a Parquet file by their own names, with DuckDB's types; only the footer is read. DuckDB
 * renames columns whose names are the same to it, and has those of Parquet's null type as INTEGER.
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
    const described = reader.getRows().map(([name, type]) => [String(name), String(type)] as const);
    const schema = await connection.runAndReadAll(
      `SELECT '=' || name, num_children, logical_type FROM parquet_schema(${quotePath(path)})`,
    );
    const stored = storedColumns(schema.getRows());
    return described.map(([name, type], index) => {
      const own = stored.length === described.length ? stored[index] : undefined;
      return own === undefined
        ? { name, type }
        : { name: own.name, type: withNulls(type, own.nullLeaves) };
    });
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

interface StoredColumn {
  readonly name: string;
  /** For each of its leaves, whether it is of Parquet's null type. */
  readonly nullLeaves: readonly boolean[];
}

/** The top-level columns of a schema, which has its elements in depth-first order. */
function storedColumns(elements: readonly (readonly unknown[])[]): StoredColumn[] {
  const columns: StoredColumn[] = [];
  let next = 1;
  const leavesOf = (): boolean[] => {
    const [, children, logical] = elements[next++] ?? [];
    const count = Number(children ?? 0);
    if (count === 0) return [logical === 'NullType()'];
    return Array.from({ length: count }, leavesOf).flat();
  };
  while (next < elements.length) {
    // The binding drops a byte order mark at the beginning of a text: there is another letter before it.
    const name = String(elements[next]?.[0]).slice(1);
    columns.push({ name, nullLeaves: leavesOf() });
  }
  return columns;
}

function withNulls(type: string, nullLeaves: readonly boolean[]): string {
  if (!nullLeaves.includes(true)) return type;
  let leaf = 0;
  return formatType(
    mapScalars(parseType(type), (name) => (nullLeaves[leaf++] === true ? NULL_TYPE : name)),
  );
}
