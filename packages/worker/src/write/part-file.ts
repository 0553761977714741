import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { countFooter, type FooterCounts } from '@shardmill/core';

/** Size and SHA-256 of a file. */
interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

const READ_BYTES = 2 ** 20;
/** The end of a footer: its length, and "PAR1". */
const END_BYTES = 8;

/** Buffers of `READ_BYTES`: one for each part would have V8 collect its whole heap again and again. */
const spare: Buffer[] = [];

/** Size and SHA-256 of a local file. */
export function digestFile(file: string): Promise<FileDigest> {
  return withFile(file, digest);
}

/**
 * The same, with what the footer of a local Parquet file counts. DuckDB takes longer to list the footer
 * of a small part than to write the part.
 * @throws RangeError where it is damaged
 */
export function readPartFile(file: string): Promise<FileDigest & { footer: FooterCounts }> {
  return withFile(file, async (handle, buffer) => {
    const { bytes, sha256 } = await digest(handle, buffer);
    const whole = bytes <= READ_BYTES ? buffer.subarray(0, bytes) : undefined;
    const read = async (start: number, length: number): Promise<Buffer> =>
      whole?.subarray(start, start + length) ?? readAt(handle, start, length);
    const endsAt = bytes - END_BYTES;
    if (endsAt < 0) throw new RangeError(`${file} has only ${bytes} bytes`);
    const end = await read(endsAt, END_BYTES);
    if (end.toString('latin1', 4) !== 'PAR1') {
      throw new RangeError(`${file} does not end in "PAR1": it is no whole Parquet file`);
    }
    const length = end.readUInt32LE(0);
    if (length > endsAt)
      throw new RangeError(`${file} has a footer of ${length} bytes, beyond its start`);
    return { bytes, sha256, footer: countFooter(await read(endsAt - length, length)) };
  });
}

async function withFile<T>(
  file: string,
  use: (handle: FileHandle, buffer: Buffer) => Promise<T>,
): Promise<T> {
  const handle = await open(file, 'r');
  const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(READ_BYTES);
  try {
    return await use(handle, buffer);
  } finally {
    spare.push(buffer);
    await handle.close();
  }
}

/** Fills the buffer from its start again and again: with all of a file that fits. */
async function digest(handle: FileHandle, buffer: Buffer): Promise<FileDigest> {
  const hash = createHash('sha256');
  let bytes = 0;
  let filled = 0;
  for (;;) {
    if (filled === READ_BYTES) filled = 0;
    const { bytesRead } = await handle.read(buffer, filled, READ_BYTES - filled, bytes);
    if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
    hash.update(buffer.subarray(filled, filled + bytesRead));
    filled += bytesRead;
    bytes += bytesRead;
  }
}

/** @throws RangeError where there are not so many bytes at that place */
async function readAt(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, start);
  if (bytesRead === length) return bytes;
  throw new RangeError(`the file has no ${length} bytes at ${start}`);
}
