import type { DuckDBConnection } from '@duckdb/node-api';

/** The text in the only row and column of a query's answer. */
export async function readText(
  connection: DuckDBConnection,
  sql: string,
  parameters: string[] = [],
): Promise<string> {
  const reader = await connection.runAndReadAll(sql, parameters);
  return String(reader.getRows()[0]?.[0]);
}
