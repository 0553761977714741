import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type CheckedKey,
  type HashCount,
  type KeyState,
  SAMPLED_KEYS,
  smallestHashes,
  storeSample,
} from '@shardmill/core';
import { quoteName, quotePath, quoteText } from '../duckdb/quote.js';
import type { PartPlace } from './compare-outputs.js';
import type { PartitionFile } from './copy-partitions.js';

/** A finished file, with the values of the partition columns, which it lacks. */
export type KeyFile = Pick<PartitionFile, 'path' | 'values'>;

/**
 * How often the keys of checks occur in a part, read from its finished files: they alone decide it, so that it is
 * the same whichever attempt made them. Within the part keys are compared by their values, and elsewhere by
 * DuckDB's hash of them.
 * @returns undefined where no check is of a key
 */
export async function countKeys(
  connection: DuckDBConnection,
  files: readonly KeyFile[],
  keys: readonly CheckedKey[] | undefined,
  place: PartPlace,
): Promise<KeyState[] | undefined> {
  if (keys === undefined) return undefined;
  const states: KeyState[] = [];
  for (const { name, columns } of keys) {
    const { rows, different, sample, hash } = await readKeys(connection, files, columns);
    const repeated = rows - different;
    states.push({
      name,
      hash,
      rows,
      repeated,
      repeatingParts: repeated > 0 ? 1 : 0,
      worst: repeated > 0 ? [{ ...place, repeated }] : [],
      ...storeSample(smallestHashes([sample])),
    });
  }
  return states;
}

interface CountedKeys {
  readonly rows: number;
  readonly different: number;
  readonly sample: readonly HashCount[];
  readonly hash: string;
}

async function readKeys(
  connection: DuckDBConnection,
  files: readonly KeyFile[],
  columns: readonly string[],
): Promise<CountedKeys> {
  const [column, ...others] = columns;
  return column !== undefined && others.length === 0 && (await ascends(connection, files, column))
    ? readDifferentKeys(connection, files, column)
    : groupKeys(connection, files, columns);
}

/**
 * Whether each key is greater than the one before: no two are the same then, as a comparison for each row
 * shows, where to group them takes a hash table of all. Of keys in another order it ends with the first that is not greater.
 */
async function ascends(
  connection: DuckDBConnection,
  files: readonly KeyFile[],
  column: string,
): Promise<boolean> {
  const name = quoteName(column);
  const reader = await connection.runAndReadAll(
    `SELECT 1 FROM (
       SELECT ${name} AS k, lag(${name}) OVER () AS before FROM ${sourceOf(files, [column])} WHERE ${name} IS NOT NULL)
     WHERE before >= k LIMIT 1`,
  );
  return reader.currentRowCount === 0;
}

/** Of keys that are all different. */
async function readDifferentKeys(
  connection: DuckDBConnection,
  files: readonly KeyFile[],
  column: string,
): Promise<CountedKeys> {
  const name = quoteName(column);
  const source = sourceOf(files, [column]);
  const reader = await connection.runAndReadAll(
    `SELECT (SELECT count(${name}) FROM ${source})::VARCHAR, version(),
       (SELECT string_agg(h || ' 1', ',') FROM (
         SELECT hash(${name}) AS h FROM ${source} WHERE ${name} IS NOT NULL ORDER BY h LIMIT ${SAMPLED_KEYS}))`,
  );
  const [rows, version, sample] = reader.getRows()[0] ?? [];
  return countedKeys(rows, rows, version, sample);
}

/** One query, with the smallest hashes and their counts as text: `hash count` with commas between. */
async function groupKeys(
  connection: DuckDBConnection,
  files: readonly KeyFile[],
  columns: readonly string[],
): Promise<CountedKeys> {
  const names = columns.map(quoteName).join(', ');
  const known = columns.map((column) => `${quoteName(column)} IS NOT NULL`).join(' AND ');
  const reader = await connection.runAndReadAll(
    `WITH keys AS MATERIALIZED (
       SELECT hash(${names}) AS h, count(*) AS n FROM ${sourceOf(files, columns)} WHERE ${known} GROUP BY ${names})
     SELECT (SELECT sum(n) FROM keys)::VARCHAR, (SELECT count(*) FROM keys)::VARCHAR, version(),
       (SELECT string_agg(h || ' ' || n, ',') FROM (SELECT h, n FROM keys ORDER BY h LIMIT ${SAMPLED_KEYS}))`,
  );
  const [rows, different, version, sample] = reader.getRows()[0] ?? [];
  return countedKeys(rows, different, version, sample);
}

/** From the values of a row. */
function countedKeys(
  rows: unknown,
  different: unknown,
  version: unknown,
  sample: unknown,
): CountedKeys {
  return {
    rows: Number(rows ?? 0),
    different: Number(different ?? 0),
    sample: sample == null ? [] : String(sample).split(',').map(hashCount),
    hash: `duckdb ${String(version)}`,
  };
}

function hashCount(text: string): HashCount {
  const [hash = '', rows = ''] = text.split(' ');
  return [BigInt(hash), Number(rows)];
}

/** The rows of the files; each has its values of those partition columns that are of the key. */
function sourceOf(files: readonly KeyFile[], columns: readonly string[]): string {
  const [first] = files;
  if (first === undefined) return `(SELECT ${columns.map(nothing).join(', ')} WHERE false)`;
  const paths = `[${files.map(({ path }) => quotePath(path)).join(', ')}]`;
  const partitions = columns.filter((column) => column in first.values);
  if (partitions.length === 0) return `read_parquet(${paths}, hive_partitioning = false)`;
  const rows = files.map(({ path, values }) => {
    const texts = partitions.map((column) => values[column] ?? null);
    return `(${[path, ...texts].map((text) => (text === null ? 'NULL' : quoteText(text))).join(', ')})`;
  });
  const names = [FILE, ...partitions].map(quoteName).join(', ');
  return `read_parquet(${paths}, hive_partitioning = false, filename = ${quoteText(FILE)})
    JOIN (VALUES ${rows.join(', ')}) AS partitions(${names}) USING (${quoteName(FILE)})`;
}

const FILE = '_shardmill_file';

const nothing = (column: string): string => `NULL::VARCHAR AS ${quoteName(column)}`;
