import { ShardmillError } from '../errors/shardmill-error.js';
import type { InputFile, ReadInput } from '../store/read-input.js';
import { howToConvert } from './other-formats.js';
import { MAX_FOOTER_BYTES } from './footer-limits.js';
import type { Footer } from './parse-footer.js';
import { lieAboutSize } from './lie-about-size.js';

/** Bytes of a file's end that are read at first: most footers fit, and one request does. */
export const TAIL_BYTES = 16 * 1024;

/**
 * Reads and parses a Parquet footer, in one read of at most TAIL_BYTES, or a second one for what
 * of the footer lies before them; no data page is read. What it counts is held against the
 * file's size.
 * @throws INPUT_NOT_PARQUET with the reason, INPUT_FOOTER_TOO_LARGE, INPUT_UNREADABLE, INPUT_CHANGED
 */
export async function readFooter(
  read: ReadInput,
  file: InputFile,
  parse: (bytes: Uint8Array) => Footer,
  maxFooterBytes = MAX_FOOTER_BYTES,
): Promise<Footer> {
  const footer = parseTail(await readTail(read, file, maxFooterBytes), file, parse);
  const lie = lieAboutSize(footer, file.bytes);
  if (lie !== undefined) throw notParquet(file, lie);
  return footer;
}

/** The end of a file: the whole of its footer, and what else was read with it. */
export interface FileTail {
  /** Where `bytes` begin in the file; they go to its end. */
  readonly start: number;
  readonly bytes: Uint8Array;
  /** Where the footer's content lies in `bytes`. */
  readonly footer: Uint8Array;
}

/**
 * Reads a file's end as `readFooter` does.
 * @throws INPUT_NOT_PARQUET, INPUT_FOOTER_TOO_LARGE, INPUT_UNREADABLE, INPUT_CHANGED
 */
export async function readTail(
  read: ReadInput,
  file: InputFile,
  maxFooterBytes: number,
): Promise<FileTail> {
  const { bytes } = file;
  if (bytes < MIN_BYTES) {
    throw notParquet(
      file,
      `the file has ${bytes} bytes; the smallest Parquet file has ${MIN_BYTES}`,
    );
  }
  const tailStart = Math.max(0, bytes - TAIL_BYTES);
  const tail = await readExactly(read, file, tailStart, bytes);
  const magic = Buffer.from(tail.subarray(-4)).toString('latin1');
  if (magic === 'PARE') throw notParquet(file, 'the footer is encrypted');
  if (magic !== 'PAR1') {
    // Nothing of its content: the submitter who names it may not be allowed to read it.
    throw notParquet(file, 'the file does not end in "PAR1": truncated, or not Parquet');
  }
  const length = new DataView(tail.buffer, tail.byteOffset, tail.length).getUint32(
    tail.length - 8,
    true,
  );
  if (length > bytes - MIN_BYTES) {
    throw notParquet(file, `the footer claims ${length} bytes of a file of ${bytes}`);
  }
  if (length > maxFooterBytes) {
    throw new ShardmillError(
      'INPUT_FOOTER_TOO_LARGE',
      `the footer has ${length} bytes; at most ${maxFooterBytes} are read`,
      { where: file.uri },
    );
  }
  const footerStart = bytes - 8 - length;
  if (footerStart >= tailStart) {
    return {
      start: tailStart,
      bytes: tail,
      footer: tail.subarray(footerStart - tailStart, tail.length - 8),
    };
  }
  const head = await readExactly(read, file, footerStart, tailStart);
  const whole = Buffer.concat([head, tail]);
  return { start: footerStart, bytes: whole, footer: whole.subarray(0, length) };
}

/** The footer in a file's end. @throws INPUT_NOT_PARQUET */
export function parseTail(
  tail: FileTail,
  file: InputFile,
  parse: (bytes: Uint8Array) => Footer,
): Footer {
  try {
    return parse(tail.footer);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw notParquet(file, `damaged footer: ${error.message}`, error);
  }
}

async function readExactly(
  read: ReadInput,
  file: InputFile,
  start: number,
  end: number,
): Promise<Uint8Array> {
  const bytes = await read(file, start, end);
  if (bytes.length !== end - start) throw notParquet(file, 'the file ended while it was read');
  return bytes;
}

function notParquet({ uri }: InputFile, reason: string, cause?: unknown): ShardmillError {
  const remedy = howToConvert(uri);
  return new ShardmillError('INPUT_NOT_PARQUET', reason, { where: uri, remedy, cause });
}

/** Magic at both ends and the footer's length. */
const MIN_BYTES = 12;
