import { DuckDBInstance } from '../duckdb/node-api.js';
import { type InputFile, ShardmillError } from '@shardmill/core';
import { duckdbMessage } from '../duckdb/duckdb-error.js';
import { quotePath, quoteText } from '../duckdb/quote.js';
import type { StagedFooters } from '../stage/footer-stager.js';
import { type ColumnSample, SAMPLED_ROWS, sampleColumns } from './sample-columns.js';

/** A Parquet dataset as its footers describe it; no row is read but those of the sample. */
export interface ParquetDescription {
  readonly files: number;
  readonly rows: number;
  readonly rowGroups: number;
  readonly bytes: number;
  readonly compression: readonly string[];
  readonly columns: readonly ColumnDescription[];
  readonly metadata: Readonly<Record<string, string>>;
  /** The first rows, as text. */
  readonly sample: readonly (readonly string[])[];
  /** Why there are none, where they cannot be read although the footers can. */
  readonly sampleFailure: string | null;
}

interface ColumnDescription {
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  /** Null where a footer does not say. */
  readonly nulls: number | null;
  readonly min: string | null;
  readonly max: string | null;
  /** A sample of numbers and texts, where rows can be read. */
  readonly sample?: ColumnSample | undefined;
}

const SAMPLE_ROWS = 5;

/** Describes files whose footers can be read. @throws INPUT_UNSUPPORTED, INPUT_UNREADABLE, INPUT_CHANGED */
export async function inspectParquet(
  inputs: readonly InputFile[],
  { paths, sampleFile }: StagedFooters,
): Promise<ParquetDescription> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const first = inputs[0]?.uri ?? '';
  const list = `[${paths.map(quotePath).join(', ')}]`;
  try {
    const connection = await instance.connect();
    const rowsOf = async (sql: string): Promise<unknown[][]> =>
      (await connection.runAndReadAll(sql)).getRows();
    const from = `read_parquet(${list}, union_by_name = true, hive_partitioning = false)`;
    const described = await rowsOf(`DESCRIBE SELECT * FROM ${from}`);
    const [files] = await rowsOf(
      `SELECT sum(num_rows)::BIGINT, sum(num_row_groups)::BIGINT FROM parquet_file_metadata(${list})`,
    );
    const chunks = await rowsOf(
      `SELECT split_part(path_in_schema, ', ', 1), sum(total_compressed_size)::BIGINT,
              CASE WHEN count(stats_null_count) = count(*) THEN sum(stats_null_count)::BIGINT END,
              string_agg(DISTINCT compression, ',')
       FROM parquet_metadata(${list}) GROUP BY 1`,
    );
    const statistics = new Map(chunks.map((row) => [String(row[0]), row]));
    const file = await sampleFile();
    const types = described.map(([, type]) => String(type));
    // What cannot be sampled is described without it.
    const samples = await firstRows(rowsOf, from, file)
      .then((rows) => sampleColumns(rowsOf, rows, types))
      .catch(() => []);
    const columns: ColumnDescription[] = [];
    for (const [index, [name, type]] of described.entries()) {
      const known = statistics.get(String(name));
      const bounds = await boundsOf(rowsOf, list, String(name), String(type));
      columns.push({
        name: String(name),
        type: String(type),
        bytes: Number(known?.[1] ?? 0),
        nulls: known?.[2] === null || known?.[2] === undefined ? null : Number(known[2]),
        ...bounds,
        sample: samples[index],
      });
    }
    const metadata = await rowsOf(
      `SELECT decode(key), decode(value) FROM parquet_kv_metadata(${quotePath(paths[0] ?? '')})
       WHERE decode(key) LIKE 'shardmill.%'`,
    );
    const names = described.map(([name]) => String(name));
    let sampleFailure: string | null = null;
    const sample = await sampleOf(rowsOf, names, from, file).catch(
      (error: unknown): unknown[][] => {
        sampleFailure = duckdbMessage(error);
        return [];
      },
    );
    return {
      files: paths.length,
      rows: Number(files?.[0] ?? 0),
      rowGroups: Number(files?.[1] ?? 0),
      bytes: inputs.reduce((sum, { bytes }) => sum + bytes, 0),
      compression: [...new Set(chunks.flatMap((row) => String(row[3]).split(',')))],
      columns,
      metadata: Object.fromEntries(metadata.map(([key, value]) => [String(key), String(value)])),
      sample: sample.map((row) => row.map((value) => (value === null ? 'NULL' : String(value)))),
      sampleFailure,
    };
  } catch (error) {
    if (error instanceof ShardmillError) throw error;
    // The footers have been read by then: their schemas are what DuckDB does not accept.
    throw new ShardmillError('INPUT_UNSUPPORTED', duckdbMessage(error), {
      where: inputs.length === 1 ? first : `${first} and ${inputs.length - 1} more`,
      cause: error,
    });
  } finally {
    instance.closeSync();
  }
}

/** The first rows with all columns of `from`, of as much as can be read. */
async function firstRows(
  rowsOf: (sql: string) => Promise<unknown[][]>,
  from: string,
  file: string | null | undefined,
): Promise<string> {
  if (file === undefined) return `SELECT * FROM ${from} LIMIT ${SAMPLED_ROWS}`;
  if (file === null) return `SELECT * FROM ${from} LIMIT 0`;
  const rows = Math.min(SAMPLED_ROWS, await readableRows(rowsOf, file));
  const one = `read_parquet(${quotePath(file)}, hive_partitioning = false, file_row_number = true)`;
  const read = `SELECT * EXCLUDE (file_row_number) FROM ${one} WHERE file_row_number < ${rows}`;
  return `(SELECT * FROM ${from} LIMIT 0) UNION ALL BY NAME (${read})`;
}

/** Rows of the first row group that has any: of such a file no other can be read. */
async function readableRows(
  rowsOf: (sql: string) => Promise<unknown[][]>,
  file: string,
): Promise<number> {
  const [group] = await rowsOf(
    `SELECT min_by(row_group_num_rows, row_group_id) FROM parquet_metadata(${quotePath(file)}) WHERE row_group_num_rows > 0`,
  );
  return Number(group?.[0] ?? 0);
}

/**
 * A few rows to be shown.
 * @param from all files, for where their rows can be read.
 * @param file else the one of which the first row group can be; null where none can.
 */
async function sampleOf(
  rowsOf: (sql: string) => Promise<unknown[][]>,
  names: readonly string[],
  from: string,
  file: string | null | undefined,
): Promise<unknown[][]> {
  if (file === null) return [];
  const itemOf = (name: string): string =>
    `COLUMNS(${quoteText(`^${escapeRegex(name)}$`)})::VARCHAR`;
  if (file === undefined) {
    return rowsOf(`SELECT ${names.map(itemOf).join(', ')} FROM ${from} LIMIT ${SAMPLE_ROWS}`);
  }
  const one = `read_parquet(${quotePath(file)}, hive_partitioning = false, file_row_number = true)`;
  const there = new Set((await rowsOf(`DESCRIBE SELECT * FROM ${one}`)).map(([name]) => name));
  const items = names.map((name) => (there.has(name) ? itemOf(name) : 'NULL'));
  const rows = Math.min(SAMPLE_ROWS, await readableRows(rowsOf, file));
  return rowsOf(
    `SELECT ${items.join(', ')} FROM ${one} WHERE file_row_number < ${rows} ORDER BY file_row_number`,
  );
}

const escapeRegex = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');

const COMPARABLE =
  /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT)|FLOAT|DOUBLE|DECIMAL.*|DATE|TIMESTAMP.*|VARCHAR|BOOLEAN)$/;

/** Bounds over all row groups, where each of them has some. */
async function boundsOf(
  rowsOf: (sql: string) => Promise<unknown[][]>,
  list: string,
  name: string,
  type: string,
): Promise<{ min: string | null; max: string | null }> {
  if (!COMPARABLE.test(type)) return { min: null, max: null };
  const [bounds] = await rowsOf(
    `SELECT min(TRY_CAST(stats_min_value AS ${type}))::VARCHAR, max(TRY_CAST(stats_max_value AS ${type}))::VARCHAR,
            count(stats_min_value) = count(*)
     FROM parquet_metadata(${list}) WHERE path_in_schema = ${quoteText(name)}`,
  );
  if (bounds?.[2] !== true) return { min: null, max: null };
  return { min: textOrNull(bounds[0]), max: textOrNull(bounds[1]) };
}

const textOrNull = (value: unknown): string | null => (value === null ? null : String(value));
