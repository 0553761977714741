import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  foldName,
  type NamedState,
  type NumberState,
  numericStatistics,
  type OutputStatistics,
  type Scoring,
} from '@shardmill/core';
import { streamChunks } from '../duckdb/chunk-stream.js';
import { columnVector, vectorValidity, vectorValues } from '../duckdb/raw-vector.js';
import { plainReference } from '../sql/plain-reference.js';
import { quoteName, quotePath } from '../duckdb/quote.js';
import { NumberCollector } from './number-collector.js';

/** What a finished part holds, read from the file itself. */
export interface PartContent {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly statistics: Record<string, OutputStatistics>;
  /** Of the numbers among the columns that the job computes. */
  readonly outputs: NamedState[];
}

/**
 * Reads a finished part: digest, row count, statistics of the columns.
 * @param known numbers of columns that were collected while they were scored; the rest is read.
 */
export async function readBack(
  connection: DuckDBConnection,
  file: string,
  scoring: Scoring,
  known: ReadonlyMap<string, NumberState> = new Map(),
): Promise<PartContent> {
  const [digest, statistics] = await Promise.all([
    digestFile(file),
    readStatistics(connection, file, scoring, known),
  ]);
  return { ...digest, ...statistics };
}

/** Size and SHA-256 of a local file. */
export async function digestFile(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.allocUnsafe(1 << 20);
    let bytes = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, bytes);
      if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
      hash.update(buffer.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

const NUMERIC = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(.*\))$/;

/**
 * Numbers that the job computes get bounds, mean and a histogram; columns that are only handed on
 * get the null counts of the file's footer, so that they are not read again.
 */
async function readStatistics(
  connection: DuckDBConnection,
  file: string,
  scoring: Scoring,
  known: ReadonlyMap<string, NumberState>,
): Promise<Omit<PartContent, 'bytes' | 'sha256'>> {
  const { columns } = scoring.output;
  const { rows, leaves } = await readFooter(connection, file);
  const measured = columns.filter(
    (c) => NUMERIC.test(c.type) && !known.has(c.name) && !isHandedOn(c.sql, scoring),
  );
  const read = measured.length === 0 ? [] : await readNumbers(connection, file, measured);
  const numeric = new Map([...known, ...read]);
  const nullsOf = await countNulls(
    connection,
    file,
    leaves,
    columns.map((column) => column.name).filter((name) => !numeric.has(name)),
  );
  const statistics = columns.map(({ name }): [string, OutputStatistics] => [
    name,
    {
      count: rows,
      nulls: numeric.get(name)?.nulls ?? nullsOf.get(name) ?? 0,
      numeric: numericStatistics(numeric.get(name)),
    },
  ]);
  const outputs = columns.flatMap(({ name }) => {
    const state = numeric.get(name);
    return state === undefined ? [] : [{ name, state }];
  });
  return { rows, statistics: Object.fromEntries(statistics), outputs };
}

/** A leaf of the schema. */
interface Leaf {
  readonly path: string;
  /** Undefined where the footer does not have it for all row groups. */
  readonly nulls: number | undefined;
}

/** Rows and leaves, by one query: of a small part it costs as much as what is read. */
async function readFooter(
  connection: DuckDBConnection,
  file: string,
): Promise<{ rows: number; leaves: readonly Leaf[] }> {
  const footer = await connection.runAndReadAll(
    `SELECT path_in_schema, sum(stats_null_count)::BIGINT, count(stats_null_count) = count(*),
       sum(row_group_num_rows)::BIGINT
     FROM parquet_metadata(${quotePath(file)}) GROUP BY path_in_schema, column_id`,
  );
  const found = footer.getRows();
  const leaves = found.map(([path, nulls, complete]) => ({
    path: String(path),
    nulls: complete === true ? Number(nulls) : undefined,
  }));
  // Each column chunk has the rows of its group. Without a row group there is no row.
  return { rows: Number(found[0]?.[3] ?? 0), leaves };
}

/**
 * Null counts from the footer. For a nested column it has only those of the leaves, which count
 * what is null in or above them: without any the column has none, else its rows are counted.
 */
async function countNulls(
  connection: DuckDBConnection,
  file: string,
  leaves: readonly Leaf[],
  names: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const uncertain: string[] = [];
  for (const name of names) {
    const own = leaves.find(({ path }) => path === name);
    const inside = leaves.filter(({ path }) => path.startsWith(`${name}, `));
    if (own?.nulls !== undefined) counts.set(name, own.nulls);
    else if (inside.some(({ nulls }) => nulls === 0)) counts.set(name, 0);
    else if (leaves.length > 0) uncertain.push(name);
  }
  if (uncertain.length === 0) return counts;
  const items = uncertain.map((name) => `count(*) - count(${quoteName(name)})`);
  const reader = await connection.runAndReadAll(
    `SELECT ${items.join(', ')} FROM read_parquet(${quotePath(file)}, hive_partitioning = false)`,
  );
  const row = reader.getRows()[0] ?? [];
  for (const [index, name] of uncertain.entries()) counts.set(name, Number(row[index] ?? 0));
  return counts;
}

/** Whether an expression is only a column of the input. */
function isHandedOn(sql: string, scoring: Scoring): boolean {
  const reference = plainReference(sql);
  if (reference === undefined || reference.table === 'model') return false;
  const { name, element } = reference;
  const isColumn = scoring.input.columns.some((column) => foldName(column.name) === name);
  return element === undefined && isColumn;
}

async function readNumbers(
  connection: DuckDBConnection,
  file: string,
  columns: Scoring['output']['columns'],
): Promise<Map<string, NumberState>> {
  const items = columns.map((column) => `${quoteName(column.name)}::DOUBLE`);
  const sql = `SELECT ${items.join(', ')} FROM read_parquet(${quotePath(file)}, hive_partitioning = false)`;
  const collectors = columns.map(() => new NumberCollector());
  for await (const chunk of streamChunks(connection, sql)) {
    const rows = chunk.rowCount;
    collectors.forEach((collector, index) => {
      const vector = columnVector(chunk, index);
      collector.addColumn(vectorValues(vector, Float64Array, rows), vectorValidity(vector, rows));
    });
  }
  return new Map(
    columns.map((column, i) => [column.name, (collectors[i] ?? new NumberCollector()).finish()]),
  );
}
