import path from 'node:path';
import { type InputFile, parseType, ShardmillError, type StructField } from '@shardmill/core';
import { duckdbFault, duckdbMessage } from '../duckdb/duckdb-error.js';
import { openDatabase } from '../duckdb/open-database.js';
import { quoteName, quotePath } from '../duckdb/quote.js';

const MEMORY_LIMIT_BYTES = 512 * 1024 * 1024;
/** Bytes of a checkpoint file that is read; what it says of its files must fit into memory. */
export const MAX_CHECKPOINT_BYTES = 256 * 1024 * 1024;
/** Bytes of the lines that one file may give. */
const MAX_LINE_BYTES = 512 * 1024 * 1024;

/** What is taken of each action; statistics and tags of the files are not needed. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  protocol: ['minReaderVersion', 'minWriterVersion', 'readerFeatures', 'writerFeatures'],
  metaData: ['id', 'format', 'schemaString', 'partitionColumns', 'configuration'],
  add: ['path', 'partitionValues', 'size', 'deletionVector'],
  txn: ['appId', 'version'],
  sidecar: ['path'],
};

/** The field without which an action is none. */
const REQUIRED: Readonly<Record<string, string>> = {
  protocol: 'minReaderVersion',
  metaData: 'schemaString',
  add: 'path',
  txn: 'appId',
  sidecar: 'path',
};

/**
 * The actions in a file of a checkpoint, as lines of JSON.
 * @param target where the whole file can be read.
 * @throws TABLE_LOG_DAMAGED, TABLE_UNSUPPORTED
 */
export async function readCheckpoint(file: InputFile, target: string): Promise<string[]> {
  const tooLarge = (message: string): ShardmillError =>
    new ShardmillError('TABLE_UNSUPPORTED', message, {
      where: file.uri,
      remedy: 'Compact the table (OPTIMIZE), so that it has fewer files.',
    });
  if (file.bytes > MAX_CHECKPOINT_BYTES) {
    throw tooLarge(
      `the checkpoint file has ${file.bytes} bytes; up to ${MAX_CHECKPOINT_BYTES} are read`,
    );
  }
  const database = await openDatabase({
    threads: 1,
    memoryLimitBytes: MEMORY_LIMIT_BYTES,
    folders: [path.dirname(target)],
  });
  try {
    const connection = await database.connect();
    const from = `read_parquet(${quotePath(target)}, hive_partitioning = false)`;
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`);
    const lines: string[] = [];
    let bytes = 0;
    for (const [name, type] of described.getRows()) {
      const query = actionQuery(String(name), String(type), from);
      if (query === undefined) continue;
      const result = await connection.stream(query);
      for await (const rows of result.yieldRows()) {
        for (const [line] of rows) {
          if (typeof line !== 'string') continue;
          bytes += line.length;
          if (bytes > MAX_LINE_BYTES) {
            throw tooLarge(`what the checkpoint says takes more than ${MAX_LINE_BYTES} bytes`);
          }
          lines.push(line);
        }
      }
    }
    return lines;
  } catch (error) {
    if (error instanceof ShardmillError) throw error;
    const message = duckdbMessage(error);
    if (duckdbFault(message) === 'memory') throw tooLarge(message);
    throw new ShardmillError('TABLE_LOG_DAMAGED', `the checkpoint cannot be read: ${message}`, {
      where: file.uri,
      cause: error,
    });
  } finally {
    database.close();
  }
}

/** @returns undefined for a column that is no action of those that are taken. */
function actionQuery(name: string, type: string, from: string): string | undefined {
  const wanted = FIELDS[name];
  const required = REQUIRED[name];
  const tree = parseType(type);
  if (wanted === undefined || required === undefined || tree.kind !== 'struct') return undefined;
  const there = new Set(tree.fields.map(plainName));
  if (!there.has(required)) return undefined;
  const column = quoteName(name);
  const items = wanted
    .filter((field) => there.has(field))
    .map((field) => `${quoteName(field)} := ${column}.${quoteName(field)}`);
  const action = `to_json(struct_pack(${quoteName(name)} := struct_pack(${items.join(', ')})))`;
  return `SELECT ${action}::VARCHAR FROM ${from} WHERE ${column}.${quoteName(required)} IS NOT NULL`;
}

function plainName({ name }: StructField): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
