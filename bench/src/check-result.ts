import type { DuckDBConnection } from '@duckdb/node-api';
import { FEATURES, type Dataset } from './dataset.js';
import { WrongResultError } from './errors.js';
import { logisticSql } from './logistic-sql.js';
import type { BenchModel } from './models.js';
import { queryRows, quoteText, withDuckDB } from './sql.js';

/** How far two ways to compute a score in single precision may be apart. */
const TOLERANCE = 1e-4;
const SAMPLED_ROWS = 1000;

/** What is to be checked. */
export interface CheckedResult {
  /** Names the program that wrote it, for messages. */
  readonly name: string;
  /** A Parquet file, or a glob. */
  readonly files: string;
  readonly data: Dataset;
  readonly model: BenchModel;
  /** Columns handed on, `id` among them: id, name and ts when left out. */
  readonly columns?: readonly string[];
}

/** The largest differences of a result. */
export interface Differences {
  /** The difference to JavaScript's scores of 1,000 rows. */
  readonly toReference: number;
  /** The difference to DuckDB's scores of all rows; the logistic regression alone has it. */
  readonly toDuckDB?: number;
}

/**
 * Every row of the dataset once, with its own columns unchanged and the right score.
 * @throws WrongResultError
 */
export async function checkResult(result: CheckedResult, threads: number): Promise<Differences> {
  return withDuckDB(threads, async (connection) => {
    await checkRows(connection, result);
    const toReference = await differenceToReference(connection, result);
    requireSmall(result, "JavaScript's scores", toReference);
    if (result.model.name !== 'lr') return { toReference };
    const toDuckDB = await differenceToDuckDB(connection, result);
    requireSmall(result, "DuckDB's scores", toDuckDB);
    return { toReference, toDuckDB };
  });
}

async function checkRows(connection: DuckDBConnection, result: CheckedResult): Promise<void> {
  const { name, files, data, columns = ['id', 'name', 'ts'] } = result;
  const fingerprint = (path: string): Promise<unknown> =>
    queryRows(
      connection,
      `SELECT count(*), count(DISTINCT id), sum(hash(${columns.join(', ')}))::VARCHAR
       FROM read_parquet(${quoteText(path)})`,
    );
  const seen = JSON.stringify(await fingerprint(files));
  const expected = JSON.stringify(await fingerprint(data.path));
  if (seen !== expected) {
    throw new WrongResultError(
      `${name}: rows, distinct ids and sum of row hashes are ${seen}; expected ${expected}`,
    );
  }
  const [row] = await queryRows(
    connection,
    `SELECT count(*) FROM read_parquet(${quoteText(files)}) WHERE score IS NULL`,
  );
  const nulls = Number(row?.[0]);
  if (nulls !== 0) throw new WrongResultError(`${name}: ${nulls} scores are null`);
}

async function differenceToReference(
  connection: DuckDBConnection,
  { files, data, model }: CheckedResult,
): Promise<number> {
  const step = Math.max(1, Math.floor(data.rows / SAMPLED_ROWS));
  const sample = await queryRows(
    connection,
    `SELECT score, ${FEATURES.join(', ')}
     FROM (SELECT id, score FROM read_parquet(${quoteText(files)}) WHERE id % ${step} = 0)
     JOIN (FROM read_parquet(${quoteText(data.path)}) WHERE id % ${step} = 0) USING (id)`,
  );
  let largest = sample.length === 0 ? Number.NaN : 0;
  for (const row of sample) {
    const [score = Number.NaN, ...features] = row.map(Number);
    largest = Math.max(largest, Math.abs(score - model.reference(features)));
  }
  return largest;
}

async function differenceToDuckDB(
  connection: DuckDBConnection,
  { files, data }: CheckedResult,
): Promise<number> {
  const [row] = await queryRows(
    connection,
    `SELECT max(coalesce(abs(result.score - expected.score), 'nan'::FLOAT))
     FROM read_parquet(${quoteText(files)}) AS result
     JOIN (SELECT id, ${logisticSql()} AS score FROM read_parquet(${quoteText(data.path)}))
       AS expected USING (id)`,
  );
  return Number(row?.[0] ?? Number.NaN);
}

/** NaN counts as a large difference. */
function requireSmall({ name, model }: CheckedResult, other: string, difference: number): void {
  if (difference < TOLERANCE) return;
  throw new WrongResultError(
    `${name}, ${model.name}: scores differ from ${other} by up to ${difference}; expected < ${TOLERANCE}`,
  );
}
