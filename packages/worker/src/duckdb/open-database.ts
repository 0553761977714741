import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { MAX_PARTITIONS_PER_PART } from '@shardmill/core';
import { DuckDBInstance } from './node-api.js';
import { quotePath, quoteText } from './quote.js';

export interface DatabaseOptions {
  readonly threads: number;
  readonly memoryLimitBytes: number;
  /** Folders that queries may read and write; nothing else of the file system is reachable. */
  readonly folders: readonly string[];
  /** Where DuckDB spills what does not fit, in a folder of its own; must lie in one of `folders`. */
  readonly temporaryFolder?: string;
}

export interface Database {
  connect(): Promise<DuckDBConnection>;
  close(): void;
}

/**
 * An in-memory DuckDB for one run, locked down before any of the job's SQL is seen: no files but
 * those in `folders`, no extensions, no change of settings. The session's time zone is UTC, so
 * that the same expression gives the same answer everywhere.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(options.threads),
    memory_limit: `${Math.floor(options.memoryLimitBytes / 1024)}KiB`,
    preserve_insertion_order: 'true',
    // Beyond it DuckDB closes a file to open another, and a partition may get several.
    partitioned_write_max_open_files: String(MAX_PARTITIONS_PER_PART),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    // It takes what a file's statistics say of floats for true of NaN, which they leave out, and
    // turns comparisons into constants. Filters are `shieldFloats`' concern.
    disabled_optimizers: 'statistics_propagation',
  });
  const setup = await instance.connect();
  await setup.run("SET GLOBAL TimeZone = 'UTC'");
  await setup.run(
    options.temporaryFolder === undefined
      ? "SET temp_directory = ''"
      : `SET temp_directory = ${quoteText(spillFolder(options.temporaryFolder))}`,
  );
  // Each as its own name and as the pattern that means it: DuckDB checks both.
  const folders = options.folders
    .map((folder) => `${folder.replace(/\/$/, '')}/`)
    .flatMap((folder) => [quoteText(folder), quotePath(folder)]);
  await setup.run(`SET allowed_directories = [${folders.join(', ')}]`);
  await setup.run('SET enable_external_access = false');
  await setup.run('SET lock_configuration = true');
  setup.closeSync();
  return {
    connect: () => instance.connect(),
    close: () => instance.closeSync(),
  };
}

/** Databases in one folder would write over each other's files: they give them the same names. */
function spillFolder(folder: string): string {
  return path.join(folder, `spill-${randomBytes(8).toString('hex')}`);
}
