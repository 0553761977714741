import type { BigIntStats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  fileEtag,
  type InputFile,
  isErrno,
  mapConcurrent,
  ShardmillError,
  storageError,
  suggestion,
} from '@shardmill/core';
import { hasWildcards, parseGlob } from './glob.js';
import { emptyFolder, type FoundInput, inByteOrder, type InputSource } from './input-source.js';
import { walkFolder } from './walk-folder.js';

const STATS_AT_ONCE = 32;

/**
 * The files that an absolute path of this machine means.
 * @throws INPUT_NOT_FOUND, INPUT_EMPTY, INPUT_UNREADABLE
 */
export async function listLocalInput(target: string): Promise<FoundInput> {
  const source = await identify(target);
  const paths = await pathsOf(source);
  const files = await mapConcurrent(paths, STATS_AT_ONCE, async (uri): Promise<InputFile> => {
    const info = await statInput(uri);
    return { uri, bytes: Number(info.size), etag: fileEtag(info) };
  });
  return { source, files };
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
      const files = [...new Set(paths.flat())];
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
  const { parquet, ...unread } = await walkFolder(folder);
  if (parquet.length === 0) throw emptyFolder(folder, unread);
  return inByteOrder(parquet);
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
