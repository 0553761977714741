import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { STATE_PREFIX, storageError } from '@shardmill/core';

/**
 * A folder for unfinished files, on the output's file system so that finished ones can be linked
 * to their names. It carries the process id: what a killed process left is removed by the next.
 */
export async function makeTemporaryFolder(output: string): Promise<string> {
  const base = path.join(output, STATE_PREFIX, 'tmp');
  const folder = path.join(base, `run-${process.pid}`);
  try {
    for (const name of await readdir(base).catch(() => [])) {
      const pid = /^run-(\d+)$/.exec(name)?.[1];
      if (pid !== undefined && !isAlive(Number(pid))) {
        await rm(path.join(base, name), { recursive: true, force: true });
      }
    }
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw storageError(error, output, 'write');
  }
  return folder;
}

export async function removeTemporaryFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
