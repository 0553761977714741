import { open } from 'node:fs/promises';
import { mapConcurrent } from '../../concurrency/map-concurrent.js';
import type { ByteRange, WritePieces } from '../object-store.js';
import { writePiecesAt } from '../write-pieces.js';

const RANGE_BYTES = 8 * 1024 * 1024;
const AT_ONCE = 4;

/**
 * Writes so many bytes to a new local file, some ranges at once.
 * @throws what `copy` throws, or the system's error; the file may then be there in part.
 */
export async function download(
  bytes: number,
  target: string,
  copy: (range: ByteRange, write: WritePieces) => Promise<void>,
): Promise<void> {
  const ranges: ByteRange[] = [];
  for (let start = 0; start < bytes; start += RANGE_BYTES) {
    ranges.push({ start, end: Math.min(start + RANGE_BYTES, bytes) });
  }
  const file = await open(target, 'wx');
  try {
    await mapConcurrent(ranges, AT_ONCE, (range) => copy(range, writePiecesAt(file, range.start)));
  } finally {
    await file.close();
  }
}
