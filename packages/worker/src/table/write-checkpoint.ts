import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type CheckpointRequest,
  ShardmillError,
  type Stores,
  type WrittenCheckpoint,
} from '@shardmill/core';
import { duckdbMessage } from '../duckdb/duckdb-error.js';
import { openDatabase } from '../duckdb/open-database.js';
import { quotePath, quoteText } from '../duckdb/quote.js';
import { MAX_CHECKPOINT_BYTES } from '../inspect/read-checkpoint.js';
import { makeWorkFolder } from '../stage/work-folder.js';
import type { FooterStager } from '../stage/footer-stager.js';
import {
  checkpointFiles,
  checkpointSelect,
  commitsSelect,
  LATEST_FILES,
  stateSelect,
} from './checkpoint-sql.js';

const MEMORY_LIMIT_BYTES = 512 * 1024 * 1024;

/**
 * Writes a classic checkpoint of a table, in one file: the state at a version, from the commits and
 * the checkpoint before it. Of all files only their names are kept in memory, and are spilled.
 * @throws TABLE_LOG_DAMAGED, TABLE_UNSUPPORTED where it is larger than those that are read, STORE_…
 */
export async function writeCheckpoint(
  request: CheckpointRequest,
  stager: FooterStager,
  stores: Stores,
): Promise<WrittenCheckpoint> {
  const previous = request.previous?.files ?? [];
  const work = await makeWorkFolder(path.join(stager.cacheFolder, 'work'));
  try {
    return await stager.lendAll([...previous, ...request.commits], async (paths) => {
      const target = path.join(work.path, 'checkpoint');
      const counts = await writeState(request, {
        previous: paths.slice(0, previous.length),
        commits: paths.slice(previous.length),
        target,
      });
      const { size } = await stat(target);
      if (size > MAX_CHECKPOINT_BYTES) {
        throw new ShardmillError(
          'TABLE_UNSUPPORTED',
          `a checkpoint of version ${request.version} has ${size} bytes; up to ${MAX_CHECKPOINT_BYTES} are read`,
          {
            where: request.table,
            remedy: 'Compact the table (OPTIMIZE), so that it has fewer files.',
          },
        );
      }
      const store = stores.open(request.table);
      const created = await store.create(request.key, await readFile(target));
      return { created: created === 'created', ...counts, bytes: size };
    });
  } finally {
    await work.remove();
  }
}

interface StagedLog {
  readonly previous: readonly string[];
  readonly commits: readonly string[];
  readonly target: string;
}

async function writeState(
  { table, previous, removedSince, transactionsSince }: CheckpointRequest,
  staged: StagedLog,
): Promise<Pick<WrittenCheckpoint, 'actions' | 'files'>> {
  const { commits, target } = staged;
  const folder = path.dirname(target);
  const database = await openDatabase({
    threads: 1,
    memoryLimitBytes: MEMORY_LIMIT_BYTES,
    folders: [
      folder,
      ...new Set([...staged.previous, ...commits].map((file) => path.dirname(file))),
    ],
    temporaryFolder: folder,
  });
  try {
    const connection = await database.connect();
    const selects = commits.length === 0 ? [] : [commitsSelect(commits)];
    if (previous !== undefined) {
      const described = await describe(connection, staged.previous);
      selects.push(checkpointSelect(staged.previous, previous.version, described));
    }
    await connection.run(`CREATE TEMP VIEW actions AS ${selects.join(' UNION ALL BY NAME ')}`);
    await connection.run(LATEST_FILES);
    await connection.run(
      `COPY (${stateSelect({ removedSince, transactionsSince })}) TO ${quoteText(target)} (FORMAT parquet, COMPRESSION snappy)`,
    );
    return await countActions(connection, table, target);
  } catch (error) {
    if (error instanceof ShardmillError) throw error;
    throw new ShardmillError(
      'TABLE_LOG_DAMAGED',
      `no checkpoint can be made of the log: ${duckdbMessage(error)}`,
      { where: table, cause: error },
    );
  } finally {
    database.close();
  }
}

async function describe(
  connection: DuckDBConnection,
  files: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const reader = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${checkpointFiles(files)}`);
  return new Map(reader.getRows().map(([name, type]) => [String(name), String(type)]));
}

/** Reads the file back: one without what a state needs would hide the commits before it. */
async function countActions(
  connection: DuckDBConnection,
  table: string,
  target: string,
): Promise<Pick<WrittenCheckpoint, 'actions' | 'files'>> {
  const counted = await connection.runAndReadAll(
    `SELECT count(*), count("add".path), count(DISTINCT "add".path), count(protocol.minReaderVersion), count("metaData".id)
     FROM read_parquet(${quotePath(target)})`,
  );
  const [actions = 0, files = 0, names = 0, protocols, metadata] = (counted.getRows()[0] ?? []).map(
    Number,
  );
  if (protocols === 1 && metadata === 1 && names === files) return { actions, files };
  throw new ShardmillError(
    'TABLE_LOG_DAMAGED',
    `no checkpoint can be made of a log that has ${protocols} protocols, ${metadata} schemas, and ${files} files of ${names} names`,
    { where: table },
  );
}
