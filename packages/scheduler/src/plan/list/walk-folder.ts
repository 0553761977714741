import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isErrno, storageError } from '@shardmill/core';
import { isHidden } from './input-names.js';
import {
  type FoundTable,
  ICEBERG_FOLDER,
  isIcebergMetadata,
  METADATA_FOLDERS,
} from './table-formats.js';

/** What lies in a folder, at any depth. */
export interface FolderContent {
  /** Absolute paths of visible files, in no order. */
  readonly files: string[];
  /** Names that begin with `_` or `.`, which were not looked into. */
  readonly hidden: number;
  /** Tables whose folders were met. */
  readonly tables: readonly FoundTable[];
}

/** Walks a folder; symbolic links are followed, but not in circles. @throws INPUT_UNREADABLE */
export async function walkFolder(root: string, signal?: AbortSignal): Promise<FolderContent> {
  const files: string[] = [];
  const tables: FoundTable[] = [];
  let hidden = 0;
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal?.throwIfAborted();
    for (const entry of await entriesOf(folder)) {
      const target = path.join(folder, entry.name);
      const format = METADATA_FOLDERS.get(entry.name);
      if (format !== undefined) tables.push({ format, root: folder, sign: entry.name });
      if (isHidden(entry.name)) hidden++;
      else {
        const kind = entry.isSymbolicLink() ? await kindOfLink(target, folder) : kindOf(entry);
        if (kind === 'folder') folders.push(target);
        else if (kind === 'file') files.push(target);
        if (path.basename(folder) === ICEBERG_FOLDER && isIcebergMetadata(entry.name)) {
          const root = path.dirname(folder);
          const sign = path.join(ICEBERG_FOLDER, entry.name);
          tables.push({ format: 'Apache Iceberg', root, sign });
        }
      }
    }
  }
  return { files, hidden, tables };
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw storageError(error, folder, 'read');
  }
}

type Kind = 'file' | 'folder' | 'neither';

function kindOf(entry: Pick<Dirent, 'isDirectory' | 'isFile'>): Kind {
  if (entry.isDirectory()) return 'folder';
  return entry.isFile() ? 'file' : 'neither';
}

async function kindOfLink(link: string, folder: string): Promise<Kind> {
  try {
    const kind = kindOf(await stat(link));
    if (kind !== 'folder') return kind;
    const [target, here] = await Promise.all([realpath(link), realpath(folder)]);
    const circle = here === target || here.startsWith(target === '/' ? '/' : `${target}/`);
    return circle ? 'neither' : 'folder';
  } catch (error) {
    // A link that leads nowhere names no file.
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return 'neither';
    throw storageError(error, link, 'read');
  }
}
