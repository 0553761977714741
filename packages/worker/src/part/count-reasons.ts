import type { DuckDBConnection } from '@duckdb/node-api';
import { mergeReasons, type RejectedReasons } from '@shardmill/core';
import { quotePath } from '../duckdb/quote.js';

/** A model's message may be long. */
const MAX_REASON_CHARS = 200;

/** A row's reason as records count it. */
export const COUNTED_REASON = `left(_reason, ${MAX_REASON_CHARS})`;

/** The most frequent reasons in a file of rejected rows. */
export async function countReasons(
  connection: DuckDBConnection,
  file: string,
): Promise<RejectedReasons> {
  const reader = await connection.runAndReadAll(
    `SELECT ${COUNTED_REASON} AS reason, count(*)::INTEGER AS n
     FROM read_parquet(${quotePath(file)}) GROUP BY ALL ORDER BY n DESC, reason LIMIT 100`,
  );
  return mergeReasons(
    Object.fromEntries(reader.getRows().map(([reason, rows]) => [String(reason), Number(rows)])),
  );
}
