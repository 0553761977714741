import type { DuckDBConnection } from '@duckdb/node-api';
import { streamChunks } from '../duckdb/chunk-stream.js';
import { columnVector, vectorValues } from '../duckdb/raw-vector.js';
import { CompensatedSum } from './compensated-sum.js';
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

/** Rows with a label and a score, and the sum of their labels. */
export interface RowTotals {
  readonly rows: number;
  readonly labels: number;
}

export async function countRows(rowsOf: ScoredRows): Promise<RowTotals> {
  const { connection, label } = rowsOf;
  const [rows, labels] = await numbersOf(
    connection,
    `SELECT count(*), coalesce(sum(${label}), 0) FROM ${scoredRows(rowsOf)}`,
  );
  return { rows: rows ?? 0, labels: labels ?? 0 };
}

/** All rows of one score. */
export interface Level {
  readonly score: number;
  readonly rows: number;
  /** The sum of their labels. */
  readonly labels: number;
  /** Rows up to these, with them, and the sum of their labels. */
  readonly upto: number;
  readonly labelsUpto: number;
}

/**
 * Sorts the rows by their scores, in falling order, and hands out those of each score. Nothing is kept
 * of them: one pass over what DuckDB has sorted, on disk where it is too much.
 * @param use gets the same object for each level, with other values.
 */
export async function readLevels(rowsOf: ScoredRows, use: (level: Level) => void): Promise<void> {
  const { connection, label, column } = rowsOf;
  const level = { score: Number.NaN, rows: 0, labels: 0, upto: 0, labelsUpto: 0 };
  const total = new CompensatedSum();
  const end = (): void => {
    if (level.rows === 0) return;
    total.add(level.labels);
    level.upto += level.rows;
    level.labelsUpto = total.value;
    use(level);
  };
  // Labels of one score are in order, too: sums are the same whatever the order of files.
  const sql = `SELECT ${column}::DOUBLE AS s, (${label})::DOUBLE AS p FROM ${scoredRows(rowsOf)} ORDER BY s DESC, p`;
  for await (const chunk of streamChunks(connection, sql)) {
    const rows = chunk.rowCount;
    const scores = vectorValues(columnVector(chunk, 0), Float64Array, rows);
    const labels = vectorValues(columnVector(chunk, 1), Float64Array, rows);
    for (let row = 0; row < rows; row++) {
      const score = scores[row] ?? Number.NaN;
      if (score !== level.score) {
        end();
        [level.score, level.rows, level.labels] = [score, 0, 0];
      }
      level.rows++;
      level.labels += labels[row] ?? 0;
    }
  }
  end();
}

const scoredRows = ({ labelled, column }: ScoredRows): string =>
  `joined WHERE ${labelled} AND isfinite(${column}::DOUBLE)`;

/** Finds the tenths of rows whose levels go by. */
export class TenthCuts {
  readonly #levels: LevelAtCut[] = [];
  readonly #scores = new CompensatedSum();
  #next = 0;
  readonly #cuts: readonly number[];

  constructor(readonly rows: number) {
    this.#cuts = cutsOf(rows);
  }

  add({ score, rows, labels, upto, labelsUpto }: Level): void {
    this.#scores.add(rows * score);
    if (upto < (this.#cuts[this.#next] ?? Infinity)) return;
    while (upto >= (this.#cuts[this.#next] ?? Infinity)) this.#next++;
    const scoresUpto = this.#scores.value;
    this.#levels.push({ score, rows, upto, labels, labelsUpto, scoresUpto });
  }

  finish(): Tenth[] {
    return this.rows === 0 ? [] : tenthsOf(this.rows, this.#levels);
  }
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
