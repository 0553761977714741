import type { BigIntStats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  type Column,
  fileEtag,
  isErrno,
  localPath,
  ShardmillError,
  storageError,
  suggestion,
} from '@shardmill/core';
import { type Glob, hasWildcards, parseGlob } from './glob.js';
import { type PartitionValues, partitionColumns, partitionValuesOf } from './hive-partitions.js';
import { mapConcurrent } from './map-concurrent.js';
import { walkFolder } from './walk-folder.js';

/** A file of the input with the identity that its content had when it was listed. */
export interface ListedFile {
  /** Absolute path. */
  readonly uri: string;
  readonly bytes: number;
  readonly etag: string;
  /** Values of the partition columns, in their order. */
  readonly partition: readonly (string | null)[];
}

/** What one of the job's URIs turned out to be. */
export type InputSource =
  | { readonly kind: 'file' | 'folder'; readonly path: string }
  | { readonly kind: 'glob'; readonly path: string; readonly glob: Glob };

export interface InputListing {
  readonly files: readonly ListedFile[];
  readonly partitionColumns: readonly Column[];
  readonly sources: readonly InputSource[];
}

export interface ListInputOptions {
  readonly uri: string | readonly string[];
  /** The folder at which relative paths start. */
  readonly base: string;
  readonly hivePartitioning: boolean;
}

const STATS_AT_ONCE = 32;

/**
 * The files of `input.uri`, each once: the URIs in their order, the files of one in the order of
 * their paths' bytes. A folder gives its *.parquet and *.parq files at any depth; a glob gives what
 * it matches, and the same of a folder that it matches; a path that exists is never a glob.
 * @throws INPUT_NOT_FOUND, INPUT_EMPTY, INPUT_UNREADABLE, INPUT_SCHEMA_MISMATCH, URI_UNSUPPORTED
 */
export async function listInput(options: ListInputOptions): Promise<InputListing> {
  const sources: InputSource[] = [];
  const found = new Map<string, { path: string; values: PartitionValues }>();
  for (const uri of typeof options.uri === 'string' ? [options.uri] : options.uri) {
    const target = localPath(uri, options.base);
    const source = await identify(target);
    sources.push(source);
    // Folders above the job's own are not the user's words about the data.
    const root = path.isAbsolute(uri) || uri.includes('://') ? '/' : options.base;
    for (const file of await pathsOf(source)) {
      if (found.has(file)) continue;
      const values = options.hivePartitioning
        ? partitionValuesOf(path.relative(root, file))
        : new Map<string, string>();
      found.set(file, { path: file, values });
    }
  }
  const listed = [...found.values()];
  const columns = partitionColumns(listed);
  const files = await mapConcurrent(listed, STATS_AT_ONCE, async (file): Promise<ListedFile> => {
    const info = await statInput(file.path);
    return {
      uri: file.path,
      bytes: Number(info.size),
      etag: fileEtag(info),
      partition: columns.map((column) => file.values.get(column.name) ?? null),
    };
  });
  return { files, partitionColumns: columns, sources };
}

async function identify(target: string): Promise<InputSource> {
  const info = await statIfThere(target);
  if (info?.isDirectory()) return { kind: 'folder', path: target };
  if (info?.isFile()) return { kind: 'file', path: target };
  if (info !== undefined) {
    throw new ShardmillError('INPUT_UNREADABLE', 'this is neither a file nor a folder', {
      where: target,
    });
  }
  if (hasWildcards(target)) return { kind: 'glob', path: target, glob: parseGlob(target) };
  throw await notFound(target);
}

async function pathsOf(source: InputSource): Promise<string[]> {
  switch (source.kind) {
    case 'file':
      return [source.path];
    case 'folder':
      return parquetIn(source.path);
    case 'glob': {
      const matches = await source.glob.find();
      if (matches.length === 0) throw await nothingMatches(source);
      const paths = await mapConcurrent(matches, STATS_AT_ONCE, async (match) => {
        const info = await statInput(match);
        if (info.isFile()) return [match];
        return info.isDirectory() ? (await walkFolder(match)).parquet : [];
      });
      const files = paths.flat();
      if (files.length === 0) {
        throw new ShardmillError(
          'INPUT_EMPTY',
          `the glob matches ${matches.length} folders, but they hold no Parquet file`,
          { where: source.path },
        );
      }
      return inByteOrder(files);
    }
    default: {
      const unknown: never = source;
      return unknown;
    }
  }
}

async function parquetIn(folder: string): Promise<string[]> {
  const { parquet, others, hidden } = await walkFolder(folder);
  if (parquet.length > 0) return inByteOrder(parquet);
  const seen = others === 0 ? 'no file' : `${others} file${others === 1 ? '' : 's'}, none`;
  const skipped = hidden === 0 ? '' : ` (${hidden} names that begin with _ or . are not read)`;
  throw new ShardmillError(
    'INPUT_EMPTY',
    `${seen} ends in .parquet or .parq in this folder and below${skipped}`,
    { where: folder },
  );
}

function inByteOrder(paths: readonly string[]): string[] {
  const keyed = paths.map((text) => ({ text, bytes: Buffer.from(text) }));
  return keyed.toSorted((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ text }) => text);
}

async function statInput(target: string): Promise<BigIntStats> {
  try {
    return await stat(target, { bigint: true });
  } catch (error) {
    throw storageError(error, target, 'read');
  }
}

async function statIfThere(target: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(target, { bigint: true });
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw storageError(error, target, 'read');
  }
}

async function notFound(target: string): Promise<ShardmillError> {
  let folder = path.dirname(target);
  let name = path.basename(target);
  while (folder !== '/' && (await statIfThere(folder)) === undefined) {
    name = path.basename(folder);
    folder = path.dirname(folder);
  }
  const siblings = await namesIn(folder);
  return new ShardmillError(
    'INPUT_NOT_FOUND',
    `there is no "${name}" in ${folder}.${suggestion(name, siblings)}`,
    { where: target },
  );
}

async function nothingMatches(source: Extract<InputSource, { kind: 'glob' }>): Promise<Error> {
  const { base } = source.glob;
  if ((await statIfThere(base)) === undefined) return notFound(base);
  const siblings = await namesIn(base);
  const pattern = path.relative(base, source.path);
  const there = siblings.length === 0 ? ' The folder is empty.' : suggestion(pattern, siblings);
  return new ShardmillError('INPUT_NOT_FOUND', `nothing in ${base} matches "${pattern}".${there}`, {
    where: source.path,
  });
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch {
    return [];
  }
}
