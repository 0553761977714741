import {
  type Column,
  type InputFile,
  isS3,
  mapConcurrent,
  type ObjectInfo,
  type ObjectStore,
  ShardmillError,
} from '@shardmill/core';
import type { AddFile } from '../log/actions.js';
import { findVersion, type VersionRequest } from '../log/find-version.js';
import { listLog, LOG_PREFIX } from '../log/log-files.js';
import { type LogReader, readSnapshot } from '../log/read-snapshot.js';
import { sqlTypeOf } from '../schema/sql-type.js';
import { parseTableSchema, type TableField } from '../schema/table-schema.js';
import { fileKey } from './file-key.js';
import { partitionValue } from './partition-value.js';
import { refuseReaderFeatures } from './reader-features.js';

/** A version of a table: what its files are, and what its columns are whatever the files have. */
export interface ListedTable {
  readonly version: number;
  /** Columns that are in the files, in the table's order; absent in a file, they are null there. */
  readonly columns: readonly Column[];
  readonly partitionColumns: readonly Column[];
  /** In the order of the bytes of their paths. */
  readonly files: readonly (InputFile & { readonly partition: readonly (string | null)[] })[];
}

const STATS_AT_ONCE = 32;

/**
 * The files of a Delta Lake table at a version, with their identity as it is now.
 * @throws TABLE_…, INPUT_NOT_FOUND where a file of the version is gone, INPUT_EMPTY, STORE_…
 */
export async function listTable(reader: LogReader, request: VersionRequest): Promise<ListedTable> {
  const { store } = reader;
  const log = await listLog(store, reader.signal);
  const where = store.locate(LOG_PREFIX.slice(0, -1));
  if (log === undefined) {
    throw new ShardmillError('TABLE_LOG_DAMAGED', 'the log of the table has no commit', { where });
  }
  const version = await findVersion(store, log, request);
  const snapshot = await readSnapshot(reader, log, version);
  const fields = parseTableSchema(snapshot.metadata.schemaString, where);
  refuseReaderFeatures(snapshot, fields, where);
  const { partitionColumns } = snapshot.metadata;
  const partitions = partitionColumns.map((name) => partitionColumn(name, fields, where));
  const columns = fields
    .filter(({ name }) => !partitionColumns.includes(name))
    .map((field) => columnOf(field, where));
  const added = [...snapshot.files.values()].map((file) => ({
    file,
    key: fileKey(file.path, store.uri, where),
  }));
  if (added.length === 0) {
    throw new ShardmillError(
      'INPUT_EMPTY',
      `version ${snapshot.version} of the table has no file`,
      {
        where: store.uri,
        remedy: 'Nothing is to be scored.',
      },
    );
  }
  const infos = await pinFiles(
    reader,
    added.map(({ key }) => key),
  );
  const files = added.map(({ file, key }) => ({
    ...pinned(store, file, key, infos.get(key), snapshot.version),
    partition: partitions.map((column) => valueOf(file, column, where)),
  }));
  return {
    version: snapshot.version,
    columns,
    partitionColumns: partitions,
    files: inByteOrder(files),
  };
}

/** Reads what the store has for the files: by one listing in S3, one by one on this machine. */
async function pinFiles(
  { store, signal }: LogReader,
  keys: readonly string[],
): Promise<ReadonlyMap<string, ObjectInfo>> {
  const found = new Map<string, ObjectInfo>();
  if (isS3(store.uri) && keys.length > STATS_AT_ONCE) {
    const wanted = new Set(keys);
    for await (const info of store.list('')) {
      signal?.throwIfAborted();
      if (wanted.has(info.key)) found.set(info.key, info);
    }
    return found;
  }
  await mapConcurrent(keys, STATS_AT_ONCE, async (key) => {
    signal?.throwIfAborted();
    const info = await store.head(key);
    if (info !== undefined) found.set(key, info);
  });
  return found;
}

function pinned(
  store: ObjectStore,
  { size }: AddFile,
  key: string,
  info: ObjectInfo | undefined,
  version: number,
): InputFile {
  const uri = store.locate(key);
  if (info === undefined) {
    throw new ShardmillError(
      'INPUT_NOT_FOUND',
      `version ${version} of the table has this file, but it is gone`,
      { where: uri, remedy: 'VACUUM deletes files of old versions: read a later one.' },
    );
  }
  if (info.bytes !== size) {
    throw new ShardmillError(
      'TABLE_LOG_DAMAGED',
      `the file has ${info.bytes} bytes, the log of the table says ${size}`,
      { where: uri, remedy: 'Find out what overwrote it: files of a table never change.' },
    );
  }
  const { bytes, etag, modifiedMs } = info;
  return { uri, bytes, etag, modifiedMs };
}

function columnOf({ name, type }: TableField, where: string): Column {
  const sql = sqlTypeOf(type);
  if (sql !== undefined) return { name, type: sql };
  throw new ShardmillError(
    'TABLE_UNSUPPORTED',
    `the column "${name}" has the type ${JSON.stringify(type)}, which is not supported`,
    { where },
  );
}

function partitionColumn(name: string, fields: readonly TableField[], where: string): Column {
  const field = fields.find((one) => one.name === name);
  if (field === undefined) {
    throw new ShardmillError(
      'TABLE_LOG_DAMAGED',
      `the table is partitioned by "${name}", which is none of its columns`,
      { where },
    );
  }
  const column = columnOf(field, where);
  if (column.type !== 'BLOB' && typeof field.type === 'string') return column;
  throw new ShardmillError(
    'TABLE_UNSUPPORTED',
    `the table is partitioned by "${name}", whose type ${JSON.stringify(field.type)} is not supported there`,
    { where },
  );
}

function valueOf(file: AddFile, { name, type }: Column, where: string): string | null {
  const text = file.partitionValues[name];
  const value = text === undefined ? undefined : partitionValue(text, type);
  if (value !== undefined) return value;
  const seen = text === undefined ? 'none' : JSON.stringify(text);
  const zoned = type === 'TIMESTAMP WITH TIME ZONE';
  throw new ShardmillError(
    zoned ? 'TABLE_UNSUPPORTED' : 'TABLE_LOG_DAMAGED',
    `the file ${file.path} has ${seen} for the partition column "${name}" of type ${type}` +
      (zoned ? '; only times in UTC (2026-01-31T05:00:00Z) are read' : ''),
    { where },
  );
}

function inByteOrder<T extends InputFile>(files: readonly T[]): T[] {
  return files
    .map((file) => ({ file, bytes: Buffer.from(file.uri) }))
    .toSorted((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ file }) => file);
}
