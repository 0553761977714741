import { openRegularFile } from './open-regular-file.js';

/** @throws NotRegularFile; what `open` throws */
export async function requireRegularFile(path: string): Promise<void> {
  await (await openRegularFile(path)).close();
}

/**
 * The content of a file, as much as it had when it was opened: some files of /proc have no end.
 * @param maxBytes a larger one is not read.
 * @throws NotRegularFile; RangeError where it is larger; what `open` and `read` throw
 */
export async function readRegularFile(path: string, maxBytes = Infinity): Promise<Uint8Array> {
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    if (size > maxBytes) {
      throw new RangeError(`the file has ${size} bytes; at most ${maxBytes} are read`);
    }
    const bytes = new Uint8Array(size);
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

/**
 * The same content, piece by piece: each is valid until the next one is requested.
 * @throws NotRegularFile; what `open` and `read` throw
 */
export async function* readRegularPieces(path: string): AsyncGenerator<Uint8Array> {
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    const piece = new Uint8Array(Math.min(size, PIECE_BYTES));
    for (let read = 0; read < size; ) {
      const { bytesRead } = await file.read(piece, 0, Math.min(size - read, PIECE_BYTES), read);
      if (bytesRead === 0) return;
      read += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

const PIECE_BYTES = 2 ** 20;
/** Node aborts the process where more than 2^31 - 1 bytes are requested at once. */
const MAX_READ_BYTES = 2 ** 30;
