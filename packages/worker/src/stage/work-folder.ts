import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { isProcessAlive, makeFolder, ownName, storageError } from '@shardmill/core';

/** A folder for files of this process only, deleted at the end. */
export interface WorkFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Names of the folders that this process has open. */
const open = new Set<string>();

/**
 * Makes a folder of its own below `base`. It carries the machine's name and the process id: what a
 * killed process left, files that a store had staged among it, is removed by the next one on that
 * machine, or by any after a day without use.
 * @throws OUTPUT_NOT_WRITABLE, DISK_FULL
 */
export async function makeWorkFolder(base: string, now = new Date()): Promise<WorkFolder> {
  const name = ownName();
  const folder = path.join(base, name);
  open.add(name);
  try {
    for (const other of await readdir(base).catch(() => [])) {
      const target = path.join(base, other);
      if (await isLeftOver(other, target, now)) await rm(target, { recursive: true, force: true });
    }
    await makeFolder(folder);
  } catch (error) {
    open.delete(name);
    throw storageError(error, base, 'write');
  }
  return {
    path: folder,
    async remove() {
      await rm(folder, { recursive: true, force: true });
      open.delete(name);
    },
  };
}

const UNUSED_MS = 24 * 60 * 60 * 1000;
/** A staged file is linked to its name at once: containers may share a host's name, and have pids of their own. */
const STAGED_MS = 60_000;

async function isLeftOver(name: string, target: string, now: Date): Promise<boolean> {
  const [, host, pid] = /^(.+)-(\d+)-[0-9a-f]{8}$/.exec(name) ?? [];
  // Earlier versions staged files without the name of their process.
  const isFile = /^[0-9a-f]{16}$/.test(name);
  if ((host === undefined && !isFile) || open.has(name)) return false;
  const info = await stat(target).catch(() => undefined);
  if (info === undefined) return false;
  const unusedMs = now.getTime() - info.mtimeMs;
  if (host === hostname() && Number(pid) !== process.pid) {
    return !isProcessAlive(Number(pid)) && (info.isDirectory() || unusedMs > STAGED_MS);
  }
  // The folder is of another machine or container, or of a process that had this one's id before.
  return unusedMs > UNUSED_MS;
}
