import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll } from 'vitest';
import { loadFunctionRules } from '../sql/function-rules.js';
import { type Expression, parseExpression } from '../sql/parse-expression.js';

/** A parser of expressions with a database of its own, for the tests of one file. */
export function useParser(): (sql: string) => Promise<Expression> {
  let instance: DuckDBInstance;
  let connection: DuckDBConnection;
  let parse: (sql: string) => Promise<Expression>;
  beforeAll(async () => {
    instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    connection = await instance.connect();
    const rules = await loadFunctionRules(connection);
    parse = (sql) => parseExpression(connection, rules, sql, 'features.x');
  });
  afterAll(() => {
    connection.closeSync();
    instance.closeSync();
  });
  return (sql) => parse(sql);
}
