import { z } from 'zod';
import { askProcess } from './child-process.js';
import { ROW_GROUP_ROWS } from './dataset.js';
import { logisticSql } from './logistic-sql.js';
import { quoteText } from './sql.js';

/** What `baseline-duckdb-process.js` is asked. */
export interface SqlRequest {
  readonly sql: string;
  readonly threads: number;
}
const sqlAnswer = z.object({ milliseconds: z.number().positive() });

/** One run of DuckDB alone. */
export interface DuckDBRun {
  /** The whole process, from before its start to its end. */
  readonly wallMs: number;
  /** The statement alone, in a process that is warm. */
  readonly queryMs: number;
  readonly cpuMs: number;
}

/**
 * DuckDB alone: from the same file, the same columns, the same logistic regression as one SQL
 * expression, to the same kind of file, by one statement in a process of its own.
 */
export async function runDuckDB(data: string, result: string, threads: number): Promise<DuckDBRun> {
  const request: SqlRequest = {
    threads,
    sql: `COPY (SELECT id, name, ts, ${logisticSql()} AS score
      FROM read_parquet(${quoteText(data)})) TO ${quoteText(result)}
      (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE ${ROW_GROUP_ROWS})`,
  };
  const { answer, wallMs, cpuMs } = await askProcess(
    new URL('./baseline-duckdb-process.js', import.meta.url),
    request,
    sqlAnswer,
    threads,
  );
  return { wallMs, cpuMs, queryMs: answer.milliseconds };
}
