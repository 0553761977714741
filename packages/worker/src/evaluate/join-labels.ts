import type { DuckDBConnection } from '@duckdb/node-api';
import { type JoinedRows, ShardmillError } from '@shardmill/core';
import type { ColumnPair } from '../compare/pair-columns.js';
import { quoteName, quotePath } from '../duckdb/quote.js';
import type { EvaluationRequest } from './evaluation-request.js';

/** Where the files of both sides can be read on this machine. */
export interface StagedSides {
  readonly scores: readonly string[];
  readonly labels: readonly string[];
}

const plural = (n: number, one: string): string =>
  `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;

/**
 * Makes the table `joined` of the rows whose key is in both: the label as `y`, the scores as `c0`,
 * `c1`, …, all as they are stored. Rows without a key are in none.
 * @throws LABELS_KEY where a key is in several rows of one side, or none is in both
 */
export async function joinLabels(
  connection: DuckDBConnection,
  { keys, label, scores }: EvaluationRequest,
  staged: StagedSides,
): Promise<Omit<JoinedRows, 'nullLabels'>> {
  const scoreItems = scores.map(({ name }, i) => `${quoteName(name)} AS c${i}`);
  const labelItems = [`${quoteName(label.name)} AS y`];
  await connection.run(sideTable('results', staged.scores, keys, 'scores', scoreItems));
  await connection.run(sideTable('labels', staged.labels, keys, 'expected', labelItems));
  const labels = await countKeys(connection, 'labels', keys);
  requireUnique('the labels have', labels);
  const results = await countKeys(connection, 'results', keys);
  requireUnique('the result has', results);
  const columns = keys.map((_, i) => `k${i}`).join(', ');
  await connection.run(
    `CREATE TEMP TABLE joined AS
     SELECT y, ${scores.map((_, i) => `c${i}`).join(', ')} FROM results JOIN labels USING (${columns})`,
  );
  const [[joined] = []] = (await connection.runAndReadAll('SELECT count(*) FROM joined')).getRows();
  const found = Number(joined ?? 0);
  if (found === 0) throw await nothingJoined(connection, keys, results, labels);
  await connection.run('DROP TABLE results');
  await connection.run('DROP TABLE labels');
  return {
    results: results.rows,
    labels: labels.rows,
    joined: found,
    withoutLabel: results.rows - results.nullKeys - found,
    withoutResult: labels.rows - labels.nullKeys - found,
    nullKeys: { results: results.nullKeys, labels: labels.nullKeys },
  };
}

type Side = 'results' | 'labels';

/** As a table, since of files DuckDB would trust statistics that leave NaN out. */
function sideTable(
  table: Side,
  files: readonly string[],
  keys: readonly ColumnPair[],
  side: 'scores' | 'expected',
  items: readonly string[],
): string {
  const keyItems = keys.map((pair, i) => `${keySql(pair, side)} AS k${i}`);
  const from = `read_parquet([${files.map(quotePath).join(', ')}], union_by_name = true, hive_partitioning = false)`;
  return `CREATE TEMP TABLE ${table} AS SELECT ${[...keyItems, ...items].join(', ')} FROM ${from}`;
}

/** Whole numbers of all widths are joined as one type, without rounding. */
function keySql({ comparison, ...sides }: ColumnPair, side: 'scores' | 'expected'): string {
  const name = quoteName(sides[side].name);
  if (comparison !== 'integer') return name;
  const wide = [sides.scores, sides.expected].some(({ type }) => /UBIGINT|HUGEINT|DEC/.test(type));
  return `${name}::${wide ? 'HUGEINT' : 'BIGINT'}`;
}

interface CountedKeys {
  readonly rows: number;
  readonly nullKeys: number;
  /** Keys that several rows have, the rows that have them, and one of them. */
  readonly repeated: number;
  readonly repeatedRows: number;
  readonly example: string;
}

async function countKeys(
  connection: DuckDBConnection,
  table: Side,
  keys: readonly ColumnPair[],
): Promise<CountedKeys> {
  const columns = keys.map((_, i) => `k${i}`);
  const noKey = columns.map((column) => `${column} IS NULL`).join(' OR ');
  const reader = await connection.runAndReadAll(
    `WITH repeated AS (SELECT ${columns.join(', ')}, count(*) AS n FROM ${table}
       WHERE NOT (${noKey}) GROUP BY ALL HAVING count(*) > 1)
     SELECT (SELECT count(*) FROM ${table}), (SELECT count(*) FROM ${table} WHERE ${noKey}),
       (SELECT count(*) FROM repeated), (SELECT coalesce(sum(n), 0)::BIGINT FROM repeated),
       (SELECT min(${keyText(columns)}) FROM repeated)`,
  );
  const [[rows, nullKeys, repeated, repeatedRows, example] = []] = reader.getRows();
  return {
    rows: Number(rows ?? 0),
    nullKeys: Number(nullKeys ?? 0),
    repeated: Number(repeated ?? 0),
    repeatedRows: Number(repeatedRows ?? 0),
    example: typeof example === 'string' ? example : '',
  };
}

const keyText = (columns: readonly string[]): string =>
  `left(concat_ws(', ', ${columns.map((column) => `${column}::VARCHAR`).join(', ')}), 60)`;

function requireUnique(who: string, { repeated, repeatedRows, example }: CountedKeys): void {
  if (repeated === 0) return;
  throw new ShardmillError(
    'LABELS_KEY',
    `${who} ${plural(repeated, 'key')} in several rows each, ${plural(repeatedRows, 'row')} together: ${JSON.stringify(example)}${repeated > 1 ? ', …' : ''}`,
    { where: '--key' },
  );
}

async function nothingJoined(
  connection: DuckDBConnection,
  keys: readonly ColumnPair[],
  results: CountedKeys,
  labels: CountedKeys,
): Promise<ShardmillError> {
  const columns = keys.map((_, i) => `k${i}`);
  const least = async (table: Side): Promise<string> => {
    const reader = await connection.runAndReadAll(`SELECT min(${keyText(columns)}) FROM ${table}`);
    return JSON.stringify(reader.getRows()[0]?.[0] ?? null);
  };
  const seen = `${await least('results')} is one of the result's and ${await least('labels')} one of the labels'`;
  return new ShardmillError(
    'LABELS_KEY',
    `none of the ${plural(results.rows, 'row')} of the result has a key of the ${plural(labels.rows, 'row')} of the labels: ${seen}`,
    { where: '--key' },
  );
}
