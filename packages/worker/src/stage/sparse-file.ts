import { type FileHandle, open } from 'node:fs/promises';
import {
  type ByteRange,
  type CopyInput,
  type Footer,
  hideBloomFilters,
  type InputFile,
  MAX_ALLOWED_FOOTER_BYTES,
  parseTail,
  type ReadInput,
  readTail,
  storageError,
  writePiecesAt,
} from '@shardmill/core';
import { overlaps, planRequests, type RowGroupRange, wantedRanges } from './plan-requests.js';
import type { RequestLimit } from './request-limit.js';

export interface SparseFileOptions {
  readonly file: InputFile;
  /** Where it is made; in a folder that exists. */
  readonly path: string;
  readonly read: ReadInput;
  readonly copy: CopyInput;
  readonly parse: (footer: Uint8Array) => Footer;
  readonly limit: RequestLimit;
  readonly signal: AbortSignal;
}

/**
 * A local file of an object's full size that holds its footer and those of its bytes that were
 * asked for; the rest are holes, which take no space. Parquet readers take it for the whole file.
 */
export class SparseFile {
  #opened: Promise<{ footer: Footer; bytesRead: number }> | undefined;
  readonly #pieces: { readonly range: ByteRange; readonly done: Promise<void> }[] = [];

  constructor(readonly options: SparseFileOptions) {}

  /**
   * Fetches what of these row groups is not there yet. Bytes that another call is fetching are
   * waited for, not fetched twice.
   * @returns bytes fetched by this call.
   */
  async stage(slices: readonly RowGroupRange[]): Promise<number> {
    const { file, limit, signal } = this.options;
    const first = this.#opened === undefined;
    this.#opened ??= this.#open();
    const { footer, bytesRead } = await this.#opened;
    signal.throwIfAborted();
    // From here to the pieces nothing is awaited: two calls never plan the same bytes.
    const wanted = slices.flatMap((slice) => wantedRanges(footer, slice, file.bytes));
    const requests = planRequests(
      wanted,
      this.#pieces.map(({ range }) => range),
    );
    for (const range of requests) {
      const done = limit.run(range.end - range.start, () => this.#fetch(range));
      done.catch(() => {});
      this.#pieces.push({ range, done });
    }
    const needed = this.#pieces.filter(({ range }) => wanted.some((one) => overlaps(one, range)));
    await Promise.all(needed.map(({ done }) => done));
    return sizeOf(requests) + (first ? bytesRead : 0);
  }

  async #open(): Promise<{ footer: Footer; bytesRead: number }> {
    const { file, path, read, parse, limit } = this.options;
    const tail = await limit.run(0, () => readTail(read, file, MAX_ALLOWED_FOOTER_BYTES));
    const footer = parseTail(tail, file, parse);
    const range = { start: tail.start, end: file.bytes };
    await writing(path, 'wx', async (target) => {
      await target.truncate(file.bytes);
      await writePiecesAt(target, tail.start)([tail.bytes], 0);
      const start = file.bytes - 8 - tail.footer.length;
      await writePiecesAt(target, start)([hideBloomFilters(tail.footer)], 0);
    });
    this.#pieces.push({ range, done: Promise.resolve() });
    return { footer, bytesRead: tail.bytes.length };
  }

  async #fetch(range: ByteRange): Promise<void> {
    const { file, path, copy, signal } = this.options;
    signal.throwIfAborted();
    await writing(path, 'r+', (target) => {
      const write = writePiecesAt(target, range.start);
      return copy(file, range, async (pieces, offset) => {
        signal.throwIfAborted();
        await write(pieces, offset);
      });
    });
  }
}

function sizeOf(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

async function writing(
  path: string,
  flags: 'wx' | 'r+',
  write: (target: FileHandle) => Promise<void>,
): Promise<void> {
  try {
    const target = await open(path, flags);
    try {
      await write(target);
    } finally {
      await target.close();
    }
  } catch (error) {
    throw storageError(error, path, 'write');
  }
}
