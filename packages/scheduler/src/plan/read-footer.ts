import { type ObjectStore, ShardmillError } from '@shardmill/core';
import type { ListedFile } from './list-input.js';
import type { Footer } from './parse-footer.js';

/** Bytes of a file's end that are read at first: most footers fit, and one request does. */
export const TAIL_BYTES = 16 * 1024;

/** The part of an object store that reading footers needs; keys are absolute paths. */
export type RangeReader = Pick<ObjectStore, 'readRange'>;

/**
 * Reads and parses a Parquet footer, in one read of at most TAIL_BYTES, or a second one for what
 * of the footer lies before them; no data page is asked for.
 * @throws INPUT_NOT_PARQUET with the reason, INPUT_UNREADABLE, INPUT_CHANGED
 */
export async function readFooter(
  store: RangeReader,
  file: Pick<ListedFile, 'uri' | 'bytes' | 'etag'>,
  parse: (bytes: Uint8Array) => Footer,
): Promise<Footer> {
  const { uri, bytes, etag } = file;
  const damaged = (reason: string, cause?: unknown): ShardmillError =>
    new ShardmillError('INPUT_NOT_PARQUET', reason, { where: uri, cause });

  if (bytes < MIN_BYTES) {
    throw damaged(`the file has ${bytes} bytes; the smallest Parquet file has ${MIN_BYTES}`);
  }
  const tailStart = Math.max(0, bytes - TAIL_BYTES);
  const tail = await store.readRange(uri, tailStart, bytes, etag);
  if (tail.length !== bytes - tailStart) throw damaged('the file ended while it was read');
  const magic = Buffer.from(tail.subarray(-4)).toString('latin1');
  if (magic === 'PARE') throw damaged('the footer is encrypted');
  if (magic !== 'PAR1') {
    throw damaged(
      `the file ends in ${JSON.stringify(magic)}, not in "PAR1": truncated, or not Parquet`,
    );
  }
  const length = new DataView(tail.buffer, tail.byteOffset, tail.length).getUint32(
    tail.length - 8,
    true,
  );
  if (length > bytes - MIN_BYTES) {
    throw damaged(`the footer claims ${length} bytes of a file of ${bytes}`);
  }
  const start = bytes - 8 - length;
  let footer = tail.subarray(Math.max(0, start - tailStart), tail.length - 8);
  if (start < tailStart) {
    const head = await store.readRange(uri, start, tailStart, etag);
    if (head.length !== tailStart - start) throw damaged('the file ended while it was read');
    footer = Buffer.concat([head, footer]);
  }
  try {
    return parse(footer);
  } catch (error) {
    if (error instanceof RangeError) throw damaged(`damaged footer: ${error.message}`, error);
    throw error;
  }
}

/** Magic at both ends and the footer's length. */
const MIN_BYTES = 12;
