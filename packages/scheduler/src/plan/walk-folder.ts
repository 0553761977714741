import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isErrno, storageError } from '@shardmill/core';
import { isHidden, isParquetName } from './input-names.js';
import type { Unread } from './input-source.js';

/** What lies in a folder, at any depth. */
export interface FolderContent extends Unread {
  /** Absolute paths of *.parquet and *.parq files, in no order. */
  readonly parquet: string[];
}

/** Walks a folder; symbolic links are followed, but not in circles. @throws INPUT_UNREADABLE */
export async function walkFolder(root: string): Promise<FolderContent> {
  const parquet: string[] = [];
  let others = 0;
  let hidden = 0;
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await entriesOf(folder)) {
      const target = path.join(folder, entry.name);
      if (isHidden(entry.name)) hidden++;
      else {
        const kind = entry.isSymbolicLink() ? await kindOfLink(target, folder) : kindOf(entry);
        if (kind === 'folder') folders.push(target);
        else if (kind === 'file' && isParquetName(entry.name)) parquet.push(target);
        else if (kind === 'file') others++;
      }
    }
  }
  return { parquet, others, hidden };
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
