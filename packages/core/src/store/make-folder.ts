import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isErrno } from './file-identity.js';

/** Another process may remove a folder while its parent is made. */
const TRIES = 3;

/**
 * Makes a folder and those above it that are missing; one that is there is left as it is. Node's own
 * `recursive` never ends below `/proc`, where a folder cannot be made although its parent exists.
 * @throws the operating system's error
 */
export async function makeFolder(folder: string): Promise<void> {
  // Mostly it is there: an error would take longer than all else.
  if (await isFolder(folder)) return;
  for (let left = TRIES; ; left--) {
    try {
      await mkdir(folder);
      return;
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) {
        if (await isFolder(folder)) return;
        throw error;
      }
      const parent = path.dirname(folder);
      if (left === 0 || parent === folder) throw error;
      await makeFolder(parent);
    }
  }
}

async function isFolder(target: string): Promise<boolean> {
  return (await stat(target).catch(() => undefined))?.isDirectory() === true;
}
