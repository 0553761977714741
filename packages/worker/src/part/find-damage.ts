import { realpath } from 'node:fs/promises';
import {
  type PlannedPart,
  type PlannedShard,
  type Scoring,
  ShardmillError,
  sqlNameLookup,
} from '@shardmill/core';
import type { Damage } from './known-damage.js';
import { allocationBytes, duckdbFault, duckdbMessage } from '../duckdb/duckdb-error.js';
import type { Database } from '../duckdb/open-database.js';
import { partSource } from '../scan/part-source.js';
import { quoteName, quotePath, quoteText } from '../duckdb/quote.js';

export interface DamageSearch {
  readonly scoring: Scoring;
  readonly shard: PlannedShard;
  readonly part: PlannedPart;
  readonly pathOf: (uri: string) => string;
  /** A database of the search's own: the part's may be spoiled by the error that it gave. */
  readonly openDatabase: () => Promise<Database>;
}

/**
 * Reads the used columns of each row group alone, and then each column of the one that fails,
 * without any of the job's expressions.
 * @returns the row groups, with INPUT_DAMAGED; INPUT_UNSUPPORTED where DuckDB does not begin;
 * INPUT_UNREADABLE where a file lies outside of the input's folders;
 * ENGINE_OUT_OF_MEMORY where what cannot be read is only large. Undefined where everything can be
 * read.
 */
export async function findDamage(search: DamageSearch): Promise<Damage | undefined> {
  const reader = new Reader(search.openDatabase);
  try {
    return await searchPart(search, reader);
  } finally {
    reader.close();
  }
}

/** Queries of a database that is replaced after each that fails: a fatal error spoils it. */
class Reader {
  #database: Database | undefined;

  constructor(readonly open: () => Promise<Database>) {}

  async rows(sql: string): Promise<unknown[][]> {
    this.#database ??= await this.open();
    const connection = await this.#database.connect();
    try {
      return (await connection.runAndReadAll(sql)).getRows();
    } catch (error) {
      this.close();
      throw error;
    } finally {
      connection.closeSync();
    }
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }
}

async function searchPart(search: DamageSearch, reader: Reader): Promise<Damage | undefined> {
  const { shard, part, scoring } = search;
  const stored = storedColumns(scoring);
  for (const slice of part.slices) {
    const file = shard.files[slice.file];
    if (file === undefined) continue;
    for (const group of await rowGroupsOf(search, reader, file.uri, slice)) {
      const piece = { ...part, slices: [{ ...slice, ...group }], rows: group.rows };
      const message = await failureOf(search, reader, piece, stored);
      if (message === '') continue;
      const bad: { readonly name: string; readonly message: string }[] = [];
      for (const name of stored) {
        const ofColumn = await failureOf(search, reader, piece, [name]);
        if (ofColumn !== '') bad.push({ name, message: ofColumn });
      }
      const error = await describe(search, reader, file.uri, group, bad, message);
      const { firstRowGroup, rowGroups } = group;
      return { uri: file.uri, firstRowGroup, rowGroups, error };
    }
  }
  return undefined;
}

/** The columns that are stored in the files. */
function storedColumns({ input }: Scoring): string[] {
  const partitions = new Set(input.partitionColumns.map(({ name }) => name));
  return input.used.filter((name) => !partitions.has(name));
}

/** DuckDB's message where columns of a piece of a part cannot be read; empty where they can. */
async function failureOf(
  { scoring, shard, pathOf }: DamageSearch,
  reader: Reader,
  piece: PlannedPart,
  columns: readonly string[],
): Promise<string> {
  const source = partSource(scoring, shard, piece, columns, pathOf, { condition: null });
  const sqlName = sqlNameLookup(scoring.input.columns, 'column');
  const sums = columns.map((name) => `max(hash(input.${quoteName(sqlName(name))}))`);
  try {
    await reader.rows(`SELECT ${['count(*)', ...sums].join(', ')} FROM ${source}`);
    return '';
  } catch (error) {
    return duckdbMessage(error);
  }
}

async function describe(
  search: DamageSearch,
  reader: Reader,
  uri: string,
  { firstRowGroup, rowGroups }: Pick<RowRange, 'firstRowGroup' | 'rowGroups'>,
  bad: readonly { readonly name: string; readonly message: string }[],
  ofAll: string,
): Promise<ShardmillError> {
  const columns = bad.length > 0 ? `, column ${bad.map(({ name }) => `"${name}"`).join(', ')}` : '';
  const last = firstRowGroup + rowGroups - 1;
  const groups = rowGroups === 1 ? `row group ${last}` : `row groups ${firstRowGroup} to ${last}`;
  const place = `${groups}${columns}`;
  const [first] = bad;
  const message = first?.message ?? ofAll;
  if (duckdbFault(message) === 'memory') {
    const claimed = await claimedBytes(search, reader, uri, firstRowGroup, first?.name);
    const asked = allocationBytes(message);
    // An allocation of more than a whole column has comes from a damaged length.
    const absurd = claimed !== undefined && asked !== undefined && asked > 2 * claimed + 2 ** 20;
    if (!absurd) {
      return new ShardmillError('ENGINE_OUT_OF_MEMORY', `${place}: ${message}`, { where: uri });
    }
  }
  // The one way out of the input's folders, which are all that a database of a run may read.
  if (message.startsWith('Permission Error')) return outside(uri, search.pathOf(uri), message);
  // An error that DuckDB throws before it reads a page is not about the page.
  if (/^(Binder|Catalog|Not implemented) Error/.test(message)) {
    return new ShardmillError('INPUT_UNSUPPORTED', message, { where: uri });
  }
  return new ShardmillError('INPUT_DAMAGED', `${place} cannot be decoded: ${message}`, {
    where: uri,
  });
}

/** A file that the database may not read: a symbolic link in a folder of the input leads elsewhere. */
async function outside(uri: string, path: string, message: string): Promise<ShardmillError> {
  const target = await realpath(path).catch(() => path);
  if (target === path) return new ShardmillError('INPUT_UNREADABLE', message, { where: uri });
  return new ShardmillError(
    'INPUT_UNREADABLE',
    `it leads by a symbolic link to ${target}, outside of the locations that the job names as its input`,
    {
      where: uri,
      remedy:
        'Name that file or its folder as an input, or put the file itself in place of the link.',
    },
  );
}

/** Bytes that a column has in a row group before compression, as the footer says. */
async function claimedBytes(
  { pathOf }: DamageSearch,
  reader: Reader,
  uri: string,
  rowGroup: number,
  column: string | undefined,
): Promise<number | undefined> {
  if (column === undefined) return undefined;
  const [[bytes] = []] = await rowsOf(
    reader,
    `SELECT sum(total_uncompressed_size)::DOUBLE FROM parquet_metadata(${quotePath(pathOf(uri))})
     WHERE row_group_id = ${rowGroup}
       AND lower(split_part(path_in_schema, ', ', 1)) = lower(${quoteText(column)})`,
  );
  return typeof bytes === 'number' ? bytes : undefined;
}

interface RowRange {
  readonly firstRow: number;
  readonly rows: number;
  readonly firstRowGroup: number;
  readonly rowGroups: number;
}

async function rowGroupsOf(
  { pathOf }: DamageSearch,
  reader: Reader,
  uri: string,
  slice: PlannedPart['slices'][number],
): Promise<readonly RowRange[]> {
  const groups = await rowsOf(
    reader,
    `SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata(${quotePath(pathOf(uri))}) ORDER BY 1`,
  );
  // Statistics that are damaged keep DuckDB from showing the footer, too.
  if (groups.length === 0) return [slice];
  const ranges: RowRange[] = [];
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
function rowsOf(reader: Reader, sql: string): Promise<unknown[][]> {
  return reader.rows(sql).catch(() => []);
}
