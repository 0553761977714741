import path from 'node:path';
import {
  type Column,
  type InputFile,
  inputReader,
  isS3,
  parseS3,
  type ReadInput,
  resolveLocation,
  ShardmillError,
  type Stores,
} from '@shardmill/core';
import type { VersionRequest } from '../../delta/log/find-version.js';
import type { ReadCheckpoint } from '../../delta/log/read-snapshot.js';
import { type ListedTable, listTable } from '../../delta/read/list-table.js';
import { type PartitionValues, partitionColumns, partitionValuesOf } from './hive-partitions.js';
import type { FoundInput, InputSource } from './input-source.js';
import { listLocalInput } from './list-local-input.js';
import { listS3Input } from './list-s3-input.js';
import type { NameSample } from './name-sample.js';
import { TableRefusal } from './table-formats.js';
import { untilAborted } from './until-aborted.js';

export interface ListedFile extends InputFile {
  /** Values of the partition columns, in their order. */
  readonly partition: readonly (string | null)[];
}

export interface InputListing {
  readonly files: readonly ListedFile[];
  readonly partitionColumns: readonly Column[];
  readonly sources: readonly InputSource[];
  /** Where the input is a table: what its columns are, whatever its files have. */
  readonly table?: Pick<ListedTable, 'version' | 'columns'> | undefined;
  /** Sentences for the plan's `notices`. */
  readonly notices: readonly string[];
}

export interface ListInputOptions {
  readonly stores: Stores;
  readonly uri: string | readonly string[];
  /** The folder at which relative paths start. */
  readonly base: string;
  readonly hivePartitioning: boolean;
  /** Which version of a table is meant. */
  readonly version?: VersionRequest | undefined;
  /** Reads checkpoints of tables; see `LogReader`. */
  readonly readCheckpoint?: ReadCheckpoint | undefined;
  /** Ends the listing, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The files of `input.uri`, each once: the URIs in their order, the files of one in the order of
 * their paths' bytes. A folder gives its *.parquet, *.parq and *.pq files at any depth, and those
 * without an extension that are Parquet; a glob gives what it matches, and the same of a folder that
 * it matches; a path that exists is never a glob. A folder that is a table of Delta Lake gives the files
 * of one version of it.
 * @throws INPUT_NOT_FOUND, INPUT_EMPTY, INPUT_IS_TABLE, INPUT_UNREADABLE, INPUT_SCHEMA_MISMATCH, URI_UNSUPPORTED,
 * TABLE_…, STORE_…
 */
export async function listInput(options: ListInputOptions): Promise<InputListing> {
  const { base, stores, hivePartitioning, signal } = options;
  const sources: InputSource[] = [];
  const notices: string[] = [];
  const read = untilAborted(inputReader(stores), signal);
  const listedFiles = new Map<string, { path: string; values: PartitionValues; file: InputFile }>();
  for (const uri of typeof options.uri === 'string' ? [options.uri] : options.uri) {
    const target = resolveLocation(uri, base);
    const found = await listLocation(target, options, read);
    if ('sources' in found) return found;
    const { source, files, others } = found;
    sources.push(source);
    if (others.count > 0) notices.push(noticeOf(others, source));
    for (const file of files) {
      if (listedFiles.has(file.uri)) continue;
      const values = hivePartitioning
        ? partitionValuesOf(ownPath(file.uri, uri, base))
        : new Map<string, string>();
      listedFiles.set(file.uri, { path: file.uri, values, file });
    }
  }
  const listed = [...listedFiles.values()];
  const columns = partitionColumns(listed);
  const files = listed.map(({ file, values }): ListedFile => {
    return { ...file, partition: columns.map((column) => values.get(column.name) ?? null) };
  });
  return { files, partitionColumns: columns, sources, notices };
}

/** What one location of the input gives: the whole listing where it is that of a table. */
async function listLocation(
  target: string,
  options: ListInputOptions,
  read: ReadInput,
): Promise<FoundInput | InputListing> {
  const { stores, uri, version, signal } = options;
  const alone = typeof uri === 'string' || uri.length === 1;
  try {
    const found = await (isS3(target)
      ? listS3Input(target, stores, read, signal)
      : listLocalInput(target, read, signal));
    refuseVersion(version, target, alone);
    return found;
  } catch (error) {
    const isTable = error instanceof TableRefusal && error.table.format === 'Delta Lake';
    if (!isTable || error.table.root !== target || !alone) throw error;
    return tableListing(target, options);
  }
}

/** The files of a version of a table. @throws TABLE_…, INPUT_NOT_FOUND, INPUT_EMPTY */
async function tableListing(
  root: string,
  { stores, version = {}, readCheckpoint, signal }: ListInputOptions,
): Promise<InputListing> {
  const reader = { store: stores.open(root), readCheckpoint, signal };
  const table = await listTable(reader, version);
  const notice = `the input is version ${table.version} of a table of Delta Lake`;
  return {
    files: table.files,
    partitionColumns: table.partitionColumns,
    sources: [{ kind: 'folder', path: root }],
    notices: [notice],
    table,
  };
}

/** @throws TABLE_VERSION_NOT_FOUND where one is given for what is no table. */
function refuseVersion(
  { version, timestamp }: VersionRequest = {},
  target: string,
  alone: boolean,
): void {
  if (version === undefined && timestamp === undefined) return;
  const place = version === undefined ? 'input.timestamp' : 'input.version';
  throw new ShardmillError(
    'TABLE_VERSION_NOT_FOUND',
    alone
      ? `${place} is given, but the input is no table of Delta Lake: it has no _delta_log`
      : `${place} is given, but input.uri has several locations`,
    {
      where: target,
      remedy: `Leave ${place} out, or have input.uri name the folder of one table.`,
    },
  );
}

function noticeOf(others: NameSample, source: InputSource): string {
  const base = source.kind === 'glob' ? source.glob.base : source.path;
  const folder = isS3(source.path) && !isS3(base) ? `s3:/${base}` : base;
  const files = others.count === 1 ? '1 other file is' : `${others.count} other files are`;
  return `${files} not read: ${others.describe(folder)}`;
}

/** The path without the folders above the job's own: they are not the user's words about the data. */
function ownPath(file: string, uri: string, base: string): string {
  if (isS3(file)) return parseS3(file).key;
  const root = path.isAbsolute(uri) || uri.includes('://') ? '/' : base;
  return path.relative(root, file);
}
