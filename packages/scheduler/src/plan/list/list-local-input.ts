import type { BigIntStats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  fileEtag,
  type InputFile,
  isErrno,
  mapConcurrent,
  type ReadInput,
  ShardmillError,
  storageError,
  suggestion,
} from '@shardmill/core';
import { FoundFiles } from './found-files.js';
import { hasWildcards, parseGlob } from './glob.js';
import { kindOfName } from './input-names.js';
import { emptyFolder, type FoundInput, type InputSource } from './input-source.js';
import {
  type FoundTable,
  foldersOfTable,
  ICEBERG_FOLDER,
  isIcebergMetadata,
  METADATA_FOLDERS,
  TableRefusal,
} from './table-formats.js';
import { type FolderContent, walkFolder } from './walk-folder.js';

const STATS_AT_ONCE = 32;

/**
 * The files that an absolute path of this machine means.
 * @throws INPUT_NOT_FOUND, INPUT_EMPTY, INPUT_IS_TABLE, INPUT_UNREADABLE
 */
export async function listLocalInput(
  target: string,
  read: ReadInput,
  signal?: AbortSignal,
): Promise<FoundInput> {
  const source = await identify(target);
  const content = await contentOf(source, signal);
  await refuseTables(source, content);
  const found = new FoundFiles();
  const named = new Set(content.named);
  const paths = [...named, ...content.inside.filter((file) => !named.has(file))];
  await mapConcurrent(paths, STATS_AT_ONCE, async (uri) => {
    signal?.throwIfAborted();
    if (!named.has(uri) && kindOfName(uri) === 'other') return found.skip(uri);
    const info = await statInput(uri);
    const modifiedMs = Number(info.mtimeMs);
    const file: InputFile = { uri, bytes: Number(info.size), etag: fileEtag(info), modifiedMs };
    return named.has(uri) ? found.addNamed(file) : found.add(file);
  });
  const { parquet, others } = await found.divide(read);
  if (parquet.length > 0) return { source, files: parquet, others };
  if (source.kind !== 'glob') throw emptyFolder(source.path, others, content.hidden);
  throw new ShardmillError(
    'INPUT_EMPTY',
    `the glob matches ${content.folders.length} folders, but they hold no Parquet file`,
    { where: source.path },
  );
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

interface SourceContent extends Omit<FolderContent, 'files'> {
  /** Files that the job names or its glob matches. */
  readonly named: readonly string[];
  readonly folders: readonly string[];
  /** Visible files of the folders. */
  readonly inside: readonly string[];
}

async function contentOf(
  source: InputSource,
  signal: AbortSignal | undefined,
): Promise<SourceContent> {
  switch (source.kind) {
    case 'file':
      return contentOfFolders([source.path], [], signal);
    case 'folder':
      return contentOfFolders([], [source.path], signal);
    case 'glob': {
      const matches = await source.glob.find(signal);
      if (matches.length === 0) throw await nothingMatches(source);
      const kinds = await mapConcurrent(matches, STATS_AT_ONCE, statInput);
      return contentOfFolders(
        matches.filter((_, index) => kinds[index]?.isFile()),
        matches.filter((_, index) => kinds[index]?.isDirectory()),
        signal,
      );
    }
    default: {
      const unknown: never = source;
      return unknown;
    }
  }
}

async function contentOfFolders(
  named: readonly string[],
  folders: readonly string[],
  signal: AbortSignal | undefined,
): Promise<SourceContent> {
  const walked = await mapConcurrent(folders, STATS_AT_ONCE, (root) => walkFolder(root, signal));
  return {
    named,
    folders,
    inside: walked.flatMap((content) => content.files),
    hidden: walked.reduce((sum, content) => sum + content.hidden, 0),
    tables: walked.flatMap((content) => content.tables),
  };
}

/** A file that the job itself names is read as it is; whatever finds files by itself must not. */
async function refuseTables(source: InputSource, content: SourceContent): Promise<void> {
  if (source.kind === 'file') return;
  const [met] = content.tables;
  if (met !== undefined) throw new TableRefusal(met);
  const parents = content.named.map((file) => path.dirname(file));
  const candidates = new Set([...content.folders, ...parents].flatMap(foldersOfTable));
  for (const root of candidates) {
    const table = await tableAt(root);
    if (table !== undefined) throw new TableRefusal(table);
  }
}

/** The table whose folder this is. */
async function tableAt(root: string): Promise<FoundTable | undefined> {
  for (const [sign, format] of METADATA_FOLDERS) {
    const info = await statIfThere(path.join(root, sign));
    if (info?.isDirectory()) return { format, root, sign };
  }
  const file = (await namesIn(path.join(root, ICEBERG_FOLDER))).find(isIcebergMetadata);
  if (file === undefined) return undefined;
  return { format: 'Apache Iceberg', root, sign: path.join(ICEBERG_FOLDER, file) };
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
