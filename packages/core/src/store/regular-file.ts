import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** A path that leads to something that is no file: a device, a pipe, a socket or a folder. */
export class NotRegularFile extends Error {
  constructor(readonly kind: string) {
    super(`this is ${kind}, not a file`);
  }
}

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

/**
 * The content of a file, as much as it had when it was opened: some files of /proc have no end.
 * @param maxBytes a larger one is not read.
 * @throws NotRegularFile; RangeError where it is larger; what `open` and `read` throw
 */
export async function readRegularFile(path: string, maxBytes = Infinity): Promise<Buffer> {
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    if (size > maxBytes) {
      throw new RangeError(`the file has ${size} bytes; at most ${maxBytes} are read`);
    }
    const bytes = Buffer.alloc(size);
    let filled = 0;
    while (filled < size) {
      const length = Math.min(size - filled, MAX_READ_BYTES);
      const { bytesRead } = await file.read(bytes, filled, length, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await file.close();
  }
}

/** Node aborts the process where more than 2^31 - 1 bytes are requested at once. */
const MAX_READ_BYTES = 2 ** 30;
