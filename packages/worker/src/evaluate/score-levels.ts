import type { DuckDBConnection } from '@duckdb/node-api';
import { cutsOf, type LevelAtCut, type Tenth, tenthsOf } from './tenths.js';

/** Rows of one column of scores that are evaluated. */
export interface ScoredRows {
  readonly connection: DuckDBConnection;
  /** A condition on `joined`: the label is there. */
  readonly labelled: string;
  /** SQL of the label as a DOUBLE; of two kinds, 1 for yes and 0 for no. */
  readonly label: string;
  /** The column of `joined` with the scores. */
  readonly column: string;
}

/**
 * Makes the table `levels`: a row for each different score `s`, in falling order, with its rows `n`, the
 * sum of their labels `p`, and the sums of rows, labels and scores up to them: `upto`, `hits`, `scores`.
 * @returns the number of rows
 */
export async function makeLevels({
  connection,
  labelled,
  label,
  column,
}: ScoredRows): Promise<number> {
  const score = `${column}::DOUBLE`;
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE levels AS
     WITH grouped AS (SELECT ${score} AS s, count(*) AS n, sum(${label}) AS p FROM joined
       WHERE ${labelled} AND isfinite(${score}) GROUP BY ALL)
     SELECT s, n, p, sum(n) OVER so_far::BIGINT AS upto, sum(p) OVER so_far AS hits,
       sum(n * s) OVER so_far AS scores
     FROM grouped WINDOW so_far AS (ORDER BY s DESC ROWS UNBOUNDED PRECEDING) ORDER BY s DESC`,
  );
  const reader = await connection.runAndReadAll('SELECT coalesce(max(upto), 0) FROM levels');
  return Number(reader.getRows()[0]?.[0] ?? 0);
}

/** @param rows what `makeLevels` returned. */
export async function readTenths(connection: DuckDBConnection, rows: number): Promise<Tenth[]> {
  if (rows === 0) return [];
  const at = cutsOf(rows).map((cut) => `(upto >= ${cut}::DOUBLE AND upto - n < ${cut}::DOUBLE)`);
  const reader = await connection.runAndReadAll(
    `SELECT s, n::DOUBLE, upto::DOUBLE, p, hits, scores FROM levels
     WHERE ${at.join(' OR ')} OR upto = ${rows} ORDER BY upto`,
  );
  const levels = reader.getRows().map((row): LevelAtCut => {
    const [score = 0, count = 0, upto = 0, labels = 0, labelsUpto = 0, scoresUpto = 0] =
      row.map(Number);
    return { score, rows: count, upto, labels, labelsUpto, scoresUpto };
  });
  return tenthsOf(rows, levels);
}

/** The values of the only row of a query; null for null and for what is no finite number. */
export async function numbersOf(
  connection: DuckDBConnection,
  sql: string,
): Promise<(number | null)[]> {
  const [row = []] = (await connection.runAndReadAll(sql)).getRows();
  return row.map((value) => {
    const number = typeof value === 'bigint' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : null;
  });
}
