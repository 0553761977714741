import { type DuckDBConnection, DuckDBInstance, type Json } from '@duckdb/node-api';

/** Runs `use` with a DuckDB of its own, which is closed afterwards. */
export async function withDuckDB<T>(
  threads: number,
  use: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) });
  const connection = await instance.connect();
  try {
    return await use(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The rows that a query gives; 64-bit integers come as text. */
export async function queryRows(connection: DuckDBConnection, sql: string): Promise<Json[][]> {
  return (await connection.runAndReadAll(sql)).getRowsJson();
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
