import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type ChallengerState,
  type CheckedKey,
  foldName,
  type FooterCounts,
  type KeyState,
  type LeafCounts,
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
import { compareOutputs, type CountedChallenger, type PartPlace } from './compare-outputs.js';
import type { PartitionFile } from './copy-partitions.js';
import { countKeys } from './count-keys.js';
import { readPartFile } from './part-file.js';
import { sketchPartitions, sketchTexts } from './sketch-texts.js';
import { NumberCollector } from './number-collector.js';

/** What a finished part holds, read from the file itself. */
export interface PartContent {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly statistics: Record<string, OutputStatistics>;
  /** Of the numbers and texts among the columns that the job computes. */
  readonly outputs: NamedState[];
  /** Undefined where the run has no challengers. */
  readonly challengers: ChallengerState[] | undefined;
  /** Undefined where no check is of a key. */
  readonly keys: KeyState[] | undefined;
}

/** Which part files are of, and what is looked for in it. */
export interface PartToRead extends PartPlace {
  /** Keys that checks are of. */
  readonly keys?: readonly CheckedKey[] | undefined;
}

/** A finished file of a part, read from the file itself. */
export interface PartFileContent {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** What the finished files of a part hold together, and each for itself. */
interface FilesContent
  extends Pick<PartContent, 'rows' | 'statistics' | 'outputs' | 'challengers' | 'keys'> {
  readonly files: readonly PartFileContent[];
}

/**
 * Reads the finished files of a part whose rows are divided by partition, as `readBack` does one; of
 * the partition columns, which the files lack, nulls are counted by the files' values.
 */
export async function readBackFiles(
  connection: DuckDBConnection,
  files: readonly Pick<PartitionFile, 'path' | 'values'>[],
  scoring: Scoring,
  { keys: checked, ...place }: PartToRead,
  known: ReadonlyMap<string, NumberState> = new Map(),
): Promise<FilesContent> {
  const { columns, partitionBy = [] } = scoring.output;
  const contained = columns.filter(({ name }) => !partitionBy.includes(name));
  const paths = files.map(({ path }) => path);
  const inFiles = { ...scoring, output: { ...scoring.output, columns: contained } };
  const footers: FooterCounts[] = [];
  const contents: PartFileContent[] = [];
  for (const path of paths) {
    const { footer, ...digest } = await readPartFile(path);
    footers.push(footer);
    contents.push({ ...digest, rows: footer.rows });
  }
  const { rows, statistics, outputs } =
    paths.length === 0
      ? { rows: 0, statistics: {}, outputs: [] }
      : await readStatistics(connection, literalOf(paths), footers, inFiles, known);
  const nullsIn = (column: string): number =>
    files.reduce(
      (sum, { values }, index) => sum + (values[column] == null ? (contents[index]?.rows ?? 0) : 0),
      0,
    );
  const all = columns.map(({ name }): [string, OutputStatistics] => [
    name,
    statistics[name] ?? { count: rows, nulls: nullsIn(name), numeric: null },
  ]);
  const partitionTexts = columns
    .filter((column) => partitionBy.includes(column.name) && isComputedText(column, scoring))
    .map(({ name }): NamedState => {
      const rowsOf = (index: number): number => contents[index]?.rows ?? 0;
      return { name, state: sketchPartitions(files, rowsOf, name) };
    });
  const literal = paths.length === 0 ? undefined : literalOf(paths);
  const challengers = await compareOutputs(connection, literal, scoring, place);
  const keys = await countKeys(connection, files, checked, place);
  return {
    rows,
    files: contents,
    statistics: Object.fromEntries(all),
    outputs: [...outputs, ...partitionTexts],
    challengers,
    keys,
  };
}

const literalOf = (paths: readonly string[]): string => `[${paths.map(quotePath).join(', ')}]`;

/**
 * Reads a finished part: digest, row count, statistics of the columns.
 * @param known numbers of columns that were collected while they were scored; the rest is read.
 * @param counted what was collected of challengers.
 */
export async function readBack(
  connection: DuckDBConnection,
  file: string,
  scoring: Scoring,
  { keys: checked, ...place }: PartToRead,
  known: ReadonlyMap<string, NumberState> = new Map(),
  counted: readonly CountedChallenger[] = [],
): Promise<PartContent> {
  const { footer, ...digest } = await readPartFile(file);
  const literal = quotePath(file);
  const read = await readStatistics(connection, literal, [footer], scoring, known);
  const { rows, statistics, outputs } = read;
  const challengers = await compareOutputs(connection, literal, scoring, place, counted);
  const keys = await countKeys(connection, [{ path: file, values: {} }], checked, place);
  return { ...digest, rows, statistics, outputs, challengers, keys };
}

const NUMERIC = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(.*\))$/;

/**
 * Numbers that the job computes get bounds, mean and a histogram; columns that are only handed on
 * get the null counts of the file's footer, so that they are not read again.
 * @param files the file, or a list of those that have all rows together, as a literal.
 * @param footers theirs
 */
async function readStatistics(
  connection: DuckDBConnection,
  files: string,
  footers: readonly FooterCounts[],
  scoring: Scoring,
  known: ReadonlyMap<string, NumberState>,
): Promise<Pick<PartContent, 'rows' | 'statistics' | 'outputs'>> {
  const { columns } = scoring.output;
  const rows = footers.reduce((sum, footer) => sum + footer.rows, 0);
  const leaves = addLeaves(footers);
  const measured = columns.filter(
    (c) => NUMERIC.test(c.type) && !known.has(c.name) && !isHandedOn(c.sql, scoring),
  );
  const read = measured.length === 0 ? [] : await readNumbers(connection, files, measured);
  const numeric = new Map([...known, ...read]);
  const nullsOf = await countNulls(
    connection,
    files,
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
  const outputs: NamedState[] = [];
  for (const column of columns) {
    const { name } = column;
    const state =
      numeric.get(name) ??
      (isComputedText(column, scoring) ? await sketchTexts(connection, files, name) : undefined);
    if (state !== undefined) outputs.push({ name, state });
  }
  return { rows, statistics: Object.fromEntries(statistics), outputs };
}

/** The leaves of files with the same columns. */
function addLeaves(footers: readonly FooterCounts[]): readonly LeafCounts[] {
  const [first, ...others] = footers.filter(({ leaves }) => leaves.length > 0);
  return (first?.leaves ?? []).map(({ path, nulls }, leaf) => ({
    path,
    nulls: others.reduce((sum: number | undefined, { leaves }) => {
      const own = leaves[leaf]?.nulls;
      return sum === undefined || own === undefined ? undefined : sum + own;
    }, nulls),
  }));
}

/**
 * Null counts from the footer. For a nested column it has only those of the leaves, which count
 * what is null in or above them: without any the column has none, else its rows are counted.
 */
async function countNulls(
  connection: DuckDBConnection,
  files: string,
  leaves: readonly LeafCounts[],
  names: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const uncertain: string[] = [];
  for (const name of names) {
    const own = leaves.find(({ path }) => path.length === 1 && path[0] === name);
    const inside = leaves.filter(({ path }) => path.length > 1 && path[0] === name);
    if (own?.nulls !== undefined) counts.set(name, own.nulls);
    else if (inside.some(({ nulls }) => nulls === 0)) counts.set(name, 0);
    else if (leaves.length > 0) uncertain.push(name);
  }
  if (uncertain.length === 0) return counts;
  const items = uncertain.map((name) => `count(*) - count(${quoteName(name)})`);
  const reader = await connection.runAndReadAll(
    `SELECT ${items.join(', ')} FROM read_parquet(${files}, hive_partitioning = false)`,
  );
  const row = reader.getRows()[0] ?? [];
  for (const [index, name] of uncertain.entries()) counts.set(name, Number(row[index] ?? 0));
  return counts;
}

/** Labels and other texts that the job computes, which have a profile as numbers have. */
function isComputedText({ type, sql }: OutputColumn, scoring: Scoring): boolean {
  return type === 'VARCHAR' && !isHandedOn(sql, scoring);
}

type OutputColumn = Scoring['output']['columns'][number];

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
  files: string,
  columns: Scoring['output']['columns'],
): Promise<Map<string, NumberState>> {
  const items = columns.map((column) => `${quoteName(column.name)}::DOUBLE`);
  const sql = `SELECT ${items.join(', ')} FROM read_parquet(${files}, hive_partitioning = false)`;
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
