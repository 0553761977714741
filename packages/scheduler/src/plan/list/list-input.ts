import path from 'node:path';
import {
  type Column,
  type InputFile,
  inputReader,
  isS3,
  parseS3,
  resolveLocation,
  type Stores,
} from '@shardmill/core';
import { type PartitionValues, partitionColumns, partitionValuesOf } from './hive-partitions.js';
import type { InputSource } from './input-source.js';
import { listLocalInput } from './list-local-input.js';
import { listS3Input } from './list-s3-input.js';
import type { NameSample } from './name-sample.js';
import { untilAborted } from './until-aborted.js';

export interface ListedFile extends InputFile {
  /** Values of the partition columns, in their order. */
  readonly partition: readonly (string | null)[];
}

export interface InputListing {
  readonly files: readonly ListedFile[];
  readonly partitionColumns: readonly Column[];
  readonly sources: readonly InputSource[];
  /** Sentences for the plan's `notices`. */
  readonly notices: readonly string[];
}

export interface ListInputOptions {
  readonly stores: Stores;
  readonly uri: string | readonly string[];
  /** The folder at which relative paths start. */
  readonly base: string;
  readonly hivePartitioning: boolean;
  /** Ends the listing, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The files of `input.uri`, each once: the URIs in their order, the files of one in the order of
 * their paths' bytes. A folder gives its *.parquet, *.parq and *.pq files at any depth, and those
 * without an extension that are Parquet; a glob gives what it matches, and the same of a folder that
 * it matches; a path that exists is never a glob.
 * @throws INPUT_NOT_FOUND, INPUT_EMPTY, INPUT_IS_TABLE, INPUT_UNREADABLE, INPUT_SCHEMA_MISMATCH, URI_UNSUPPORTED,
 * STORE_…
 */
export async function listInput(options: ListInputOptions): Promise<InputListing> {
  const { base, stores, hivePartitioning, signal } = options;
  const sources: InputSource[] = [];
  const notices: string[] = [];
  const read = untilAborted(inputReader(stores), signal);
  const found = new Map<string, { path: string; values: PartitionValues; file: InputFile }>();
  for (const uri of typeof options.uri === 'string' ? [options.uri] : options.uri) {
    const target = resolveLocation(uri, base);
    const { source, files, others } = await (isS3(target)
      ? listS3Input(target, stores, read, signal)
      : listLocalInput(target, read, signal));
    sources.push(source);
    if (others.count > 0) notices.push(noticeOf(others, source));
    for (const file of files) {
      if (found.has(file.uri)) continue;
      const values = hivePartitioning
        ? partitionValuesOf(ownPath(file.uri, uri, base))
        : new Map<string, string>();
      found.set(file.uri, { path: file.uri, values, file });
    }
  }
  const listed = [...found.values()];
  const columns = partitionColumns(listed);
  const files = listed.map(({ file, values }): ListedFile => {
    return { ...file, partition: columns.map((column) => values.get(column.name) ?? null) };
  });
  return { files, partitionColumns: columns, sources, notices };
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
