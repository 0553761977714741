import { stat } from 'node:fs/promises';
import { isErrno, isS3, type ObjectStore, STATE_PREFIX, storageError } from '@shardmill/core';

/**
 * Files that were staged in a local location and never came to their names: no process has
 * written to them since. In object storage nothing is staged.
 * @param before milliseconds since 1970.
 */
export async function leftStagedFiles(store: ObjectStore, before: number): Promise<string[]> {
  const left: string[] = [];
  if (isS3(store.uri)) return left;
  for await (const { key } of store.list(`${STATE_PREFIX}tmp/`)) {
    const changed = await changedAt(store.locate(key));
    if (changed !== undefined && changed < before) left.push(key);
  }
  return left;
}

async function changedAt(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw storageError(error, file, 'read');
  }
}
