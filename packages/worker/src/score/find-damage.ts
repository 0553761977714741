import type { DuckDBConnection } from '@duckdb/node-api';
import { type PlannedPart, type PlannedShard, type Scoring, ShardmillError } from '@shardmill/core';
import { allocationBytes, duckdbFault, duckdbMessage } from '../duckdb/duckdb-error.js';
import { partSource } from '../scan/part-source.js';
import { quoteName, quotePath } from '../sql/quote.js';

export interface DamageSearch {
  readonly scoring: Scoring;
  readonly shard: PlannedShard;
  readonly part: PlannedPart;
  readonly pathOf: (uri: string) => string;
  /** To a database that no failed query has spoiled. */
  readonly connect: () => Promise<DuckDBConnection>;
}

/**
 * Reads the used columns of each row group alone, and then each column of the one that fails,
 * without any of the job's expressions.
 * @returns INPUT_DAMAGED; ENGINE_OUT_OF_MEMORY where what cannot be read is only large; undefined
 * where everything can be read.
 */
export async function findDamage(search: DamageSearch): Promise<ShardmillError | undefined> {
  const { shard, part, scoring } = search;
  const stored = storedColumns(scoring);
  for (const slice of part.slices) {
    const file = shard.files[slice.file];
    if (file === undefined) continue;
    for (const group of await rowGroupsOf(search, file.uri, slice)) {
      const piece = { ...part, slices: [{ ...slice, ...group }], rows: group.rows };
      const message = await failureOf(search, piece, stored);
      if (message === '') continue;
      const bad: { readonly name: string; readonly message: string }[] = [];
      for (const name of stored) {
        const ofColumn = await failureOf(search, piece, [name]);
        if (ofColumn !== '') bad.push({ name, message: ofColumn });
      }
      return describe(search, file.uri, group.firstRowGroup, bad, message);
    }
  }
  return undefined;
}

/** Those that lie in the files. */
function storedColumns({ input }: Scoring): string[] {
  const partitions = new Set(input.partitionColumns.map(({ name }) => name));
  return input.used.filter((name) => !partitions.has(name));
}

/** DuckDB's message where columns of a piece of a part cannot be read; empty where they can. */
async function failureOf(
  { scoring, shard, pathOf, connect }: DamageSearch,
  piece: PlannedPart,
  columns: readonly string[],
): Promise<string> {
  const connection = await connect().catch(() => undefined);
  if (connection === undefined) return '';
  try {
    const source = partSource(scoring, shard, piece, columns, pathOf, { condition: null });
    const sums = columns.map((name) => `max(hash(input.${quoteName(name)}))`);
    await connection.runAndReadAll(`SELECT ${['count(*)', ...sums].join(', ')} FROM ${source}`);
    return '';
  } catch (error) {
    return duckdbMessage(error);
  } finally {
    connection.closeSync();
  }
}

async function describe(
  search: DamageSearch,
  uri: string,
  rowGroup: number,
  bad: readonly { readonly name: string; readonly message: string }[],
  ofAll: string,
): Promise<ShardmillError> {
  const columns = bad.length > 0 ? `, column ${bad.map(({ name }) => `"${name}"`).join(', ')}` : '';
  const place = `row group ${rowGroup}${columns}`;
  const [first] = bad;
  const message = first?.message ?? ofAll;
  if (duckdbFault(message) === 'memory') {
    const claimed = await claimedBytes(search, uri, rowGroup, first?.name);
    const asked = allocationBytes(message);
    // One allocation of more than a column has in all is asked for by a length that is not true.
    const absurd = claimed !== undefined && asked !== undefined && asked > 2 * claimed + 2 ** 20;
    if (!absurd) {
      return new ShardmillError('ENGINE_OUT_OF_MEMORY', `${place}: ${message}`, { where: uri });
    }
  }
  return new ShardmillError('INPUT_DAMAGED', `${place} cannot be decoded: ${message}`, {
    where: uri,
  });
}

/** Bytes that a column has in a row group before compression, as the footer says. */
async function claimedBytes(
  { pathOf, connect }: DamageSearch,
  uri: string,
  rowGroup: number,
  column: string | undefined,
): Promise<number | undefined> {
  if (column === undefined) return undefined;
  const [[bytes] = []] = await rowsOf(
    connect,
    `SELECT sum(total_uncompressed_size)::DOUBLE FROM parquet_metadata(${quotePath(pathOf(uri))})
     WHERE row_group_id = ${rowGroup}
       AND lower(split_part(path_in_schema, ', ', 1)) = lower('${column.replaceAll("'", "''")}')`,
  );
  return typeof bytes === 'number' ? bytes : undefined;
}

interface RowGroupRange {
  readonly firstRow: number;
  readonly rows: number;
  readonly firstRowGroup: number;
  readonly rowGroups: number;
}

async function rowGroupsOf(
  { pathOf, connect }: DamageSearch,
  uri: string,
  slice: PlannedPart['slices'][number],
): Promise<RowGroupRange[]> {
  const groups = await rowsOf(
    connect,
    `SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata(${quotePath(pathOf(uri))}) ORDER BY 1`,
  );
  const ranges: RowGroupRange[] = [];
  let firstRow = 0;
  for (const [id, count] of groups) {
    const rows = Number(count);
    const from = Math.max(firstRow, slice.firstRow);
    const to = Math.min(firstRow + rows, slice.firstRow + slice.rows);
    if (to > from) {
      ranges.push({ firstRow: from, rows: to - from, firstRowGroup: Number(id), rowGroups: 1 });
    }
    firstRow += rows;
  }
  return ranges;
}

/** None where the footer cannot be read any more. */
async function rowsOf(connect: () => Promise<DuckDBConnection>, sql: string): Promise<unknown[][]> {
  const connection = await connect().catch(() => undefined);
  try {
    return (await connection?.runAndReadAll(sql))?.getRows() ?? [];
  } catch {
    return [];
  } finally {
    connection?.closeSync();
  }
}
