import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { NotRegularFile } from './not-regular-file.js';

/**
 * Opens a file for reading, and nothing else: to open a pipe would wait for its writer, and a device
 * may have no end. What was opened is checked, so that nothing can take its place in between.
 * @throws NotRegularFile; what `open` throws
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      // A socket cannot be opened at all.
      const socket = error instanceof Error && 'code' in error && error.code === 'ENXIO';
      throw socket ? new NotRegularFile('a socket') : error;
    },
  );
  try {
    const info = await file.stat();
    if (info.isFile()) return file;
    throw new NotRegularFile(
      info.isDirectory() ? 'a folder' : info.isFIFO() ? 'a pipe' : 'a device',
    );
  } catch (error) {
    await file.close();
    throw error;
  }
}
