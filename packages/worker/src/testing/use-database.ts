import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll } from 'vitest';

interface TestDatabase {
  readonly connection: () => DuckDBConnection;
  /** A path in a folder of the test file. */
  readonly pathOf: (name: string) => string;
}

/** A DuckDB of one thread, and a folder, for the tests of one file. */
export function useDatabase(): TestDatabase {
  let folder = '';
  let instance: DuckDBInstance;
  let connection: DuckDBConnection;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'shardmill-database-'));
    instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    connection = await instance.connect();
  });
  afterAll(async () => {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  });
  return { connection: () => connection, pathOf: (name) => path.join(folder, name) };
}
