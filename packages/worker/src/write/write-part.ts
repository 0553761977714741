import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  foldName,
  type PlannedPart,
  type PlannedShard,
  type Scoring,
  sqlNameLookup,
  makeFolder,
} from '@shardmill/core';
import { isScalarOutput, outputSqlType, selectList } from '../bind/outputs/bind-outputs.js';
import { storedSelect } from '../bind/features/stored-type.js';
import { KEY, partSource } from '../scan/part-source.js';
import { rowOrigin } from '../scan/row-origin.js';
import { quoteName, quoteText } from '../duckdb/quote.js';
import type { ChallengerTable } from './challenger-table.js';
import { copyPartitions, type PartitionFile } from './copy-partitions.js';

export interface WriteRequest {
  readonly scoring: Scoring;
  readonly shard: PlannedShard;
  readonly part: PlannedPart;
  readonly pathOf: (uri: string) => string;
  /** Folder for unfinished files, on the file system of the output. */
  readonly temporaryFolder: string;
  /** Put into the file's key-value metadata. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Writes a part's results to a finished local file: a second scan of the part takes the columns of
 * the output, joined by position with the model's outputs. Rows whose keys differ are left out, so
 * that a misalignment shows as a wrong count and never as a wrong score.
 * @param results name of the table of the model's outputs.
 * @param challengers tables of theirs, in the same order of rows.
 * @returns what was written; the caller publishes or removes it.
 */
export async function writeResults(
  connection: DuckDBConnection,
  request: WriteRequest,
  results: string,
  challengers: readonly Pick<ChallengerTable, 'name' | 'columns' | 'key'>[] = [],
): Promise<WrittenRows> {
  const { scoring } = request;
  const key = quoteName(KEY);
  // The types are those that the expressions were bound with: lists, not arrays of a fixed length.
  const sqlName = sqlNameLookup(scoring.model.outputs, 'output');
  const outputs = scoring.model.outputs.map((output) => {
    const name = quoteName(sqlName(output.name));
    return isScalarOutput(output) ? name : `${name}::${outputSqlType(output)} AS ${name}`;
  });
  const columns = [key, ...outputs, ...challengers.flatMap((one) => one.columns)].join(', ');
  const tables = [results, ...challengers.map(({ name }) => name)].join(' POSITIONAL JOIN ');
  const same = challengers.map((one) => ` AND input.${key} = model.${one.key}`).join('');
  const select = `SELECT ${selectList(scoring.output.columns)}
    FROM ${source(request)}
    POSITIONAL JOIN (SELECT ${columns} FROM ${tables}) AS model
    WHERE input.${key} = model.${key}${same}`;
  const stored = storedSelect(scoring.output.columns, select);
  return copyResults(connection, request, stored);
}

/**
 * Writes the rejected rows: the input columns that the job uses, the file and row number that
 * they come from, and `_reason`.
 * @param reasons name of the table that has them, by key.
 */
export async function writeRejected(
  connection: DuckDBConnection,
  request: WriteRequest,
  reasons: string,
): Promise<string> {
  const { scoring } = request;
  const key = quoteName(KEY);
  const { used, columns: all } = scoring.input;
  const sqlName = sqlNameLookup(all, 'column');
  const names = rejectedNames(used);
  const origin = rowOrigin(request.shard, request.part, `input.${key}`);
  const columns = used.map(
    (name, index) => `input.${quoteName(sqlName(name))} AS ${quoteName(names[index] ?? '')}`,
  );
  const select = `SELECT ${[
    ...columns,
    `${origin.file} AS _file`,
    `${origin.row} AS _row`,
    'reasons.reason AS _reason',
  ].join(', ')}
    FROM ${source(request)}
    JOIN ${reasons} AS reasons ON reasons.${key} = input.${key}
    ORDER BY input.${key}`;
  return (await copyToFile(connection, request, select)).file;
}

/**
 * Names of the input's columns in a file of rejected rows, where no two may differ in case alone, and
 * Shardmill's own three are fixed.
 */
function rejectedNames(used: readonly string[]): string[] {
  const taken = new Set(['_file', '_row', '_reason']);
  return used.map((name, index) => {
    const plain = name.replaceAll('\0', '') || `column_${index}`;
    let free = plain;
    for (let i = 2; taken.has(foldName(free)); i++) free = `${plain}_${i}`;
    taken.add(foldName(free));
    return free;
  });
}

/** The part's rows; DuckDB reads only the columns that the query then names. */
function source({ scoring, shard, part, pathOf }: WriteRequest): string {
  return partSource(scoring, shard, part, scoring.input.used, pathOf);
}

/** Rows of a query in finished local files. */
export interface WrittenRows {
  /** The file, or the folder with those of partitions. */
  readonly file: string;
  /** How many rows there are. */
  readonly written: number;
  /** The files by partition, where the output is divided so. */
  readonly partitions?: readonly PartitionFile[];
}

type CopyRequest = Pick<WriteRequest, 'scoring' | 'metadata' | 'temporaryFolder'>;

/** Writes a query's rows as the output has them: to a file, or to one for each partition. */
export function copyResults(
  connection: DuckDBConnection,
  request: CopyRequest,
  select: string,
): Promise<WrittenRows> {
  const { partitionBy } = request.scoring.output;
  if (partitionBy === undefined) return copyToFile(connection, request, select);
  return inNewFile(request, async (folder) => {
    const options = copyOptions(request);
    const partitions = await copyPartitions(connection, select, folder, partitionBy, options);
    return { written: partitions.reduce((sum, { rows }) => sum + rows, 0), partitions };
  });
}

/** Writes a query's rows to one file. */
function copyToFile(
  connection: DuckDBConnection,
  request: CopyRequest,
  select: string,
): Promise<WrittenRows> {
  return inNewFile(request, async (file) => {
    const { rowsChanged } = await connection.run(
      `COPY (${select}) TO ${quoteText(file)} (${copyOptions(request)})`,
    );
    return { written: rowsChanged };
  });
}

/** Has a file or a folder of a new name written; nothing is left of it where that fails. */
async function inNewFile(
  { temporaryFolder }: CopyRequest,
  write: (file: string) => Promise<Omit<WrittenRows, 'file'>>,
): Promise<WrittenRows> {
  // Without the ending of results: it lies below the output location until it is finished.
  const file = path.join(temporaryFolder, `${randomBytes(8).toString('hex')}.unfinished`);
  await makeFolder(temporaryFolder);
  try {
    return { file, ...(await write(file)) };
  } catch (error) {
    await rm(file, { force: true, recursive: true });
    throw error;
  }
}

/**
 * Of zstd. As in Arrow, where it is the default: on the tables measured, level 3 takes a fifth longer to write and the
 * file is not smaller by more than 0.4% (docs/performance.md).
 */
const ZSTD_LEVEL = 1;

function copyOptions({ scoring: { output }, metadata }: CopyRequest): string {
  const pairs = Object.entries(metadata).map(
    ([name, value]) => `${quoteName(name)}: ${quoteText(value)}`,
  );
  const level = output.compression === 'zstd' ? `, COMPRESSION_LEVEL ${ZSTD_LEVEL}` : '';
  return `FORMAT parquet, COMPRESSION ${output.compression}${level}, ROW_GROUP_SIZE ${output.rowGroupRows}, KV_METADATA {${pairs.join(', ')}}`;
}
