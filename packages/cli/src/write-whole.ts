import { rename, rm, writeFile } from 'node:fs/promises';
import { storageError } from '@shardmill/core';

/** A file that is there is replaced when the new one is whole. @throws OUTPUT_NOT_WRITABLE, DISK_FULL */
export async function writeWhole(file: string, text: string | Uint8Array): Promise<void> {
  const unfinished = `${file}.${process.pid}.unfinished`;
  try {
    await writeFile(unfinished, text);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw storageError(error, file, 'write');
  }
}
