import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { storageError, makeFolder } from '@shardmill/core';

/** A folder for files that nobody else sees, gone at the end. */
export interface WorkFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Names of the folders that this process has open. */
const open = new Set<string>();

/**
 * Makes a folder of its own below `base`. It carries the machine's name and the process id: what a
 * killed process left is removed by the next one on that machine, or by any after a day without use.
 * @throws OUTPUT_NOT_WRITABLE, DISK_FULL
 */
export async function makeWorkFolder(base: string, now = new Date()): Promise<WorkFolder> {
  const name = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
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

async function isLeftOver(name: string, target: string, now: Date): Promise<boolean> {
  const [, host, pid] = /^(.+)-(\d+)-[0-9a-f]{8}$/.exec(name) ?? [];
  if (host === undefined || open.has(name)) return false;
  if (host === hostname() && Number(pid) !== process.pid) return !isAlive(Number(pid));
  // Of another machine, or container; or of a process that had this one's id before.
  const changed = await stat(target).catch(() => undefined);
  return changed !== undefined && now.getTime() - changed.mtimeMs > UNUSED_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
