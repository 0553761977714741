import type { DuckDBConnection } from '@duckdb/node-api';
import type { SqlNode } from './parse-expression.js';
import { readText } from './read-text.js';

/**
 * A part of a parse tree as SQL; integers beyond 2^53 in it may be rounded.
 * @throws what DuckDB throws where it is no expression.
 */
export async function treeToSql(connection: DuckDBConnection, tree: SqlNode): Promise<string> {
  const template = await readText(connection, "SELECT json_serialize_sql('SELECT 1')");
  const statement: unknown = JSON.parse(template, (key, value: unknown) =>
    key === 'select_list' ? [tree] : value,
  );
  const sql = await readText(connection, 'SELECT json_deserialize_sql($1::JSON)', [
    // "Nowhere" is 2^64 - 1, which JavaScript has rounded.
    JSON.stringify(statement, (key, value: unknown) => (key === 'query_location' ? 0 : value)),
  ]);
  return sql.replace(/^SELECT /, '');
}
