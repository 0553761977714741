import { writeSync } from 'node:fs';
import type { SqlRequest } from './baseline-duckdb.js';
import { withDuckDB } from './sql.js';

/**
 * Runs one SQL statement and answers how long it took. Loads nothing but DuckDB: the start of this
 * process is part of what is measured.
 */

const { sql, threads }: SqlRequest = JSON.parse(process.argv[2] ?? '');
await withDuckDB(threads, async (connection) => {
  const started = performance.now();
  await connection.run(sql);
  writeSync(1, JSON.stringify({ milliseconds: performance.now() - started }));
});
