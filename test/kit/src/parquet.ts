import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

export { type ChunkStatistics, rewriteStatistics } from './rewrite-statistics.js';

/** Runs SQL in a database of its own; rows of the last result as objects. */
export async function sql(text: string): Promise<Record<string, unknown>[]> {
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  try {
    const reader = await connection.runAndReadAll(text);
    return reader.getRowObjects();
  } finally {
    connection.closeSync();
    database.closeSync();
  }
}

/** Writes a query's rows as Parquet. */
export async function writeParquet(file: string, query: string, options = ''): Promise<void> {
  await sql(`COPY (${query}) TO '${file}' (FORMAT parquet${options === '' ? '' : `, ${options}`})`);
}

/** Lends an empty folder. */
export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'shardmill-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
