import type { DuckDBConnection } from '@duckdb/node-api';
import { type Check, type ProfileAnswer, type ProfileQuery, ShardmillError } from '@shardmill/core';
import { StatementType } from '../duckdb/node-api.js';
import { duckdbMessage } from '../duckdb/duckdb-error.js';
import { withProfileTable } from './profile-table.js';

/** Rows that are shown of what a check found. */
const MAX_ROWS = 20;

/**
 * Runs a check's SQL over a profile, in a database that reaches nothing else: no file, no network, no extension.
 * SQL that does not end is ended with the process that it runs in.
 */
export async function queryProfile({ profile, sql }: ProfileQuery): Promise<ProfileAnswer> {
  return withProfileTable(profile, [], async (connection) => {
    try {
      const query = await selectOf(connection, sql);
      const reader = await connection.runAndReadAll(`${query} LIMIT ${MAX_ROWS + 1}`);
      const rows = reader.getRows().map(([row]) => String(row));
      return { rows: rows.slice(0, MAX_ROWS), more: rows.length > MAX_ROWS };
    } catch (error) {
      return { fault: messageOf(error) };
    }
  });
}

/** Binds the SQL of all checks to an empty profile. @throws CHECK_SQL_INVALID */
export async function bindProfileQueries(checks: readonly Check[] | undefined): Promise<void> {
  const queries = (checks ?? []).filter((check) => check.kind === 'sql');
  if (queries.length === 0) return;
  await withProfileTable([], [], async (connection) => {
    for (const { name, sql } of queries) {
      try {
        const bound = await connection.prepare(await selectOf(connection, sql));
        bound.destroySync();
      } catch (error) {
        const where = `checks "${name}"`;
        throw new ShardmillError('CHECK_SQL_INVALID', messageOf(error), {
          where,
          cause: error,
        });
      }
    }
  });
}

/** The rows of a query as JSON. It is one SELECT by itself, so that it is one in parentheses, too. */
async function selectOf(connection: DuckDBConnection, sql: string): Promise<string> {
  const query = sql.replace(/[\s;]+$/, '');
  // With one before it: of nothing but a comment, DuckDB does not say what is wrong.
  const statements = await connection.extractStatements(`SELECT 1;\n${query}`);
  const count = statements.count - 1;
  if (count !== 1) throw new Error(`expected one SELECT, and not ${count} statements`);
  const statement = await statements.prepare(1);
  const { statementType, parameterCount } = statement;
  statement.destroySync();
  if (statementType !== StatementType.SELECT) {
    throw new Error(`expected a SELECT, and not ${StatementType[statementType]}`);
  }
  if (parameterCount > 0) throw new Error('expected a SELECT without parameters ($1, ?)');
  return `SELECT to_json(_shardmill_row) FROM (${query}\n) AS _shardmill_row`;
}

/** What DuckDB says, without what it was doing. */
function messageOf(error: unknown): string {
  return duckdbMessage(error).replace(/^Failed to extract statements: /, '');
}
