import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteText } from '../duckdb/quote.js';

/** The columns of a profile as a table: those of an exported one, and of what checks query. */
export const PROFILE_COLUMNS: Readonly<Record<string, string>> = {
  run_id: 'VARCHAR',
  job: 'VARCHAR',
  model_sha256: 'VARCHAR',
  side: 'VARCHAR',
  name: 'VARCHAR',
  input: 'VARCHAR',
  element: 'INTEGER',
  type: 'VARCHAR',
  kind: 'VARCHAR',
  count: 'BIGINT',
  nulls: 'BIGINT',
  nan: 'BIGINT',
  infinite: 'BIGINT',
  distinct_count: 'BIGINT',
  distinct_exact: 'BOOLEAN',
  min: 'DOUBLE',
  max: 'DOUBLE',
  mean: 'DOUBLE',
  standard_deviation: 'DOUBLE',
  min_length: 'BIGINT',
  max_length: 'BIGINT',
  mean_length: 'DOUBLE',
  quantiles: 'STRUCT("fraction" DOUBLE, "value" DOUBLE)[]',
  histogram: 'STRUCT("from" DOUBLE, "to" DOUBLE, "count" BIGINT)[]',
  top: 'STRUCT("value" VARCHAR, "count" BIGINT)[]',
};

/** Makes a table `profile` of rows that are JSON objects. */
export async function createProfileTable(
  connection: DuckDBConnection,
  rows: readonly string[],
): Promise<void> {
  const columns = Object.entries(PROFILE_COLUMNS);
  const list = columns.map(([name, type]) => `"${name}" ${type}`);
  await connection.run(`CREATE TABLE profile (${list.join(', ')})`);
  const values = columns.map(([name, type]) => {
    // As text, but for what is nested: the text of a text has no quotes.
    const take = type.endsWith('[]') ? '->' : '->>';
    return `(line${take}${quoteText(name)})::${type}`;
  });
  for (const row of rows) {
    await connection.run(
      `INSERT INTO profile SELECT ${values.join(', ')} FROM (SELECT $1::JSON AS line)`,
      [row],
    );
  }
}
