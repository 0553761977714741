import { open } from 'node:fs/promises';
import { mapConcurrent } from '../../concurrency/map-concurrent.js';
import type { ByteRange } from './read-body.js';

const RANGE_BYTES = 8 * 1024 * 1024;
const AT_ONCE = 4;

/**
 * Writes so many bytes to a new local file, some ranges at once.
 * @throws what `read` throws, or the system's error; the file may then be there in part.
 */
export async function download(
  bytes: number,
  target: string,
  read: (range: ByteRange) => Promise<Uint8Array>,
): Promise<void> {
  const ranges: ByteRange[] = [];
  for (let start = 0; start < bytes; start += RANGE_BYTES) {
    ranges.push({ start, end: Math.min(start + RANGE_BYTES, bytes) });
  }
  const file = await open(target, 'wx');
  try {
    await mapConcurrent(ranges, AT_ONCE, async (range) => {
      const content = await read(range);
      await file.write(content, 0, content.byteLength, range.start);
    });
  } finally {
    await file.close();
  }
}
