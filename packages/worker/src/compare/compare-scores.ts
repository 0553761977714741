import type { DuckDBConnection } from '@duckdb/node-api';
import path from 'node:path';
import { dataError } from '../duckdb/duckdb-error.js';
import { openDatabase } from '../duckdb/open-database.js';
import { quoteName, quotePath } from '../duckdb/quote.js';
import { differenceSql } from './difference-sql.js';
import { type NumberAgreement, numberAgreement } from './number-agreement.js';
import type { ColumnPair, PairedColumns } from './pair-columns.js';

export interface ComparisonRequest extends PairedColumns {
  /** Parquet files of this machine, those of each side with the same columns. */
  readonly scoreFiles: readonly string[];
  readonly expectedFiles: readonly string[];
  readonly tolerance: number;
  /** Whether the means and ranks of numbers are compared as well. */
  readonly agreement?: boolean | undefined;
  /** Folder for data that does not fit into memory. */
  readonly temporaryFolder: string;
}

/** What two sets of rows with the same keys have in common, and where they differ. */
export interface ScoreComparison {
  readonly rows: {
    /** Rows whose key each side has once. */
    readonly compared: number;
    /** Compared rows that differ in a column. */
    readonly differing: number;
    readonly onlyInScores: number;
    readonly onlyExpected: number;
    /** Keys that more than one row has: their rows are not compared. */
    readonly duplicateKeysInScores: number;
    readonly duplicateKeysExpected: number;
  };
  readonly columns: readonly ComparedColumn[];
  /** The rows that are furthest apart, each with its worst column. */
  readonly worst: readonly ComparedRow[];
}

export interface ComparedColumn {
  readonly name: string;
  readonly comparison: ColumnPair['comparison'];
  readonly types: { readonly scores: string; readonly expected: string };
  readonly differing: number;
  /** Largest difference of numbers that can be subtracted; null where there are none. */
  readonly largestDifference: number | null;
  /** Where it was asked for, and the column is one of numbers. */
  readonly agreement?: NumberAgreement | undefined;
}

interface ComparedRow {
  readonly key: string;
  readonly column: string;
  readonly score: string | null;
  readonly expected: string | null;
  /** Null where they cannot be subtracted. */
  readonly difference: number | null;
}

const WORST_ROWS = 5;
const MEMORY_BYTES = 1024 ** 3;
const THREADS = 2;

/**
 * Joins scores with expected ones by their keys and compares all pairs of columns.
 * @throws INPUT_DAMAGED, INPUT_NOT_PARQUET, DISK_FULL, ENGINE_OUT_OF_MEMORY
 */
export async function compareScores(request: ComparisonRequest): Promise<ScoreComparison> {
  const { scoreFiles, expectedFiles, temporaryFolder } = request;
  const folders = [...scoreFiles, ...expectedFiles].map((file) => path.dirname(file));
  const database = await openDatabase({
    threads: THREADS,
    memoryLimitBytes: MEMORY_BYTES,
    folders: [...new Set([...folders, temporaryFolder])],
    temporaryFolder,
  });
  try {
    return await compare(await database.connect(), request);
  } catch (error) {
    throw dataError(
      error,
      'the scores cannot be compared',
      'Compare fewer rows: --limit 100000, or --sample 100000.',
    );
  } finally {
    database.close();
  }
}

async function compare(
  connection: DuckDBConnection,
  { keys, columns, scoreFiles, expectedFiles, tolerance, agreement = false }: ComparisonRequest,
): Promise<ScoreComparison> {
  const rowsOf = async (sql: string): Promise<unknown[][]> =>
    (await connection.runAndReadAll(sql)).getRows();
  await connection.run(uniqueRows('s', 'scores', scoreFiles, keys, columns));
  await connection.run(uniqueRows('e', 'expected', expectedFiles, keys, columns));
  const on = keys.map((_, i) => `s.k${i} IS NOT DISTINCT FROM e.k${i}`).join(' AND ');
  const key =
    keys.length === 1
      ? 's.k0::VARCHAR'
      : `concat_ws(', ', ${keys.map((_, i) => `s.k${i}::VARCHAR`).join(', ')})`;
  const differences = columns.map(({ comparison }, i) =>
    differenceSql(comparison, `s.c${i}`, `e.c${i}`, tolerance),
  );
  const items = differences.flatMap(({ distance, differs }, i) => [
    `${distance} AS d${i}`,
    `${differs} AS x${i}`,
    `s.c${i}::VARCHAR AS s${i}`,
    `e.c${i}::VARCHAR AS e${i}`,
    ...(agreement && isNumber(columns[i]?.comparison)
      ? [`s.c${i}::DOUBLE AS a${i}`, `e.c${i}::DOUBLE AS b${i}`]
      : []),
  ]);
  await connection.run(
    `CREATE TEMP TABLE both_sides AS SELECT coalesce(${key}, 'NULL') AS key, ${items.join(', ')}
     FROM s JOIN e ON ${on} WHERE s.n = 1 AND e.n = 1`,
  );
  const [counts = []] = await rowsOf(
    `SELECT (SELECT count(*) FROM both_sides),
            (SELECT count(*) FROM both_sides WHERE ${columns.map((_, i) => `x${i}`).join(' OR ')}),
            (SELECT coalesce(sum(n), 0)::BIGINT FROM s ANTI JOIN e ON ${on}),
            (SELECT coalesce(sum(n), 0)::BIGINT FROM e ANTI JOIN s ON ${on}),
            (SELECT count(*) FROM s WHERE n > 1), (SELECT count(*) FROM e WHERE n > 1)`,
  );
  const count = (index: number): number => Number(counts[index] ?? 0);
  const compared: ComparedColumn[] = [];
  const worst: ComparedRow[] = [];
  for (const [i, { scores, expected, comparison }] of columns.entries()) {
    const [facts] = await rowsOf(
      `SELECT count(*) FILTER (x${i}), max(d${i}) FILTER (NOT isinf(d${i})) FROM both_sides`,
    );
    compared.push({
      name: scores.name,
      comparison,
      types: { scores: scores.type, expected: expected.type },
      differing: Number(facts?.[0] ?? 0),
      largestDifference:
        comparison === 'incomparable' || comparison === 'exact' ? null : numberOf(facts?.[1]),
      ...(agreement &&
        isNumber(comparison) && {
          agreement: await numberAgreement(connection, 'both_sides', `a${i}`, `b${i}`),
        }),
    });
    if (comparison === 'incomparable') continue;
    const rows = await rowsOf(
      `SELECT key, s${i}, e${i}, d${i} FROM both_sides WHERE x${i} ORDER BY d${i} DESC, key LIMIT ${WORST_ROWS}`,
    );
    for (const [rowKey, score, wanted, distance] of rows) {
      worst.push({
        key: String(rowKey),
        column: scores.name,
        score: textOf(score),
        expected: textOf(wanted),
        difference: numberOf(distance),
      });
    }
  }
  return {
    rows: {
      compared: count(0),
      differing: count(1),
      onlyInScores: count(2),
      onlyExpected: count(3),
      duplicateKeysInScores: count(4),
      duplicateKeysExpected: count(5),
    },
    columns: compared,
    worst: worstRows(worst),
  };
}

const isNumber = (comparison: ColumnPair['comparison'] | undefined): boolean =>
  comparison === 'number' || comparison === 'integer';

/** A table of one row for each key, with the number of rows that have it. */
function uniqueRows(
  table: string,
  side: 'scores' | 'expected',
  files: readonly string[],
  keys: readonly ColumnPair[],
  columns: readonly ColumnPair[],
): string {
  const keyItems = keys.map((pair, i) => `${keySql(pair, side)} AS k${i}`);
  const items = columns.map((pair, i) => `first(${quoteName(pair[side].name)}) AS c${i}`);
  const groups = keys.map((_, i) => `k${i}`).join(', ');
  const from = `read_parquet([${files.map(quotePath).join(', ')}], union_by_name = true, hive_partitioning = false)`;
  return `CREATE TEMP TABLE ${table} AS
    SELECT ${[...keyItems, 'count(*) AS n', ...items].join(', ')} FROM ${from} GROUP BY ${groups}`;
}

/** Whole numbers of all widths are joined as one type, without rounding. */
function keySql({ comparison, ...sides }: ColumnPair, side: 'scores' | 'expected'): string {
  const name = quoteName(sides[side].name);
  return comparison === 'integer' ? `${name}::HUGEINT` : name;
}

/** Each row once, by its worst column. */
function worstRows(rows: readonly ComparedRow[]): ComparedRow[] {
  const apart = ({ difference }: ComparedRow): number => difference ?? Infinity;
  const seen = new Set<string>();
  return rows
    .toSorted((a, b) => (apart(a) === apart(b) ? 0 : apart(b) - apart(a)))
    .filter(({ key }) => !seen.has(key) && seen.add(key) !== undefined)
    .slice(0, WORST_ROWS);
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
