import type { DuckDBConnection } from '@duckdb/node-api';
import { openDatabase } from '../duckdb/open-database.js';
import { quoteText } from '../duckdb/quote.js';

/** The columns of a profile as a table: those of an exported one, and of what checks query. */
const COLUMNS: Readonly<Record<string, string>> = {
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

const MEMORY_LIMIT_BYTES = 256 * 2 ** 20;
/** Rows of one statement, which takes some twenty times their memory. */
const ROWS_AT_ONCE = 64;

/**
 * Makes a table `profile` in a database of its own, which is closed afterwards.
 * @param rows a JSON object for each row, with the keys of the columns.
 * @param folders that the database may write to; it reaches nothing else.
 */
export async function withProfileTable<T>(
  rows: readonly string[],
  folders: readonly string[],
  use: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const database = await openDatabase({
    threads: 1,
    memoryLimitBytes: MEMORY_LIMIT_BYTES,
    folders,
  });
  try {
    const connection = await database.connect();
    await createTable(connection, rows);
    return await use(connection);
  } finally {
    database.close();
  }
}

async function createTable(connection: DuckDBConnection, rows: readonly string[]): Promise<void> {
  const columns = Object.entries(COLUMNS);
  const list = columns.map(([name, type]) => `"${name}" ${type}`);
  await connection.run(`CREATE TABLE profile (${list.join(', ')})`);
  const values = columns.map(([name, type]) => {
    // As text, but for what is nested: the text of a text has no quotes.
    const take = type.endsWith('[]') ? '->' : '->>';
    return `(line${take}${quoteText(name)})::${type}`;
  });
  const insert = `INSERT INTO profile SELECT ${values.join(', ')} FROM (SELECT unnest($1::JSON[]) AS line)`;
  for (let first = 0; first < rows.length; first += ROWS_AT_ONCE) {
    await connection.run(insert, [`[${rows.slice(first, first + ROWS_AT_ONCE).join(',')}]`]);
  }
}
