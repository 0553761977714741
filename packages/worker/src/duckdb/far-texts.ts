import { duckdb } from './node-api.js';
import { INLINE_BYTES, isValid } from './raw-vector.js';
import type { TextEntries } from './text-entries.js';

/** The smallest pages of memory that any machine has: where one byte of a page can be read, all can. */
const PAGE_BYTES = 4096;
/** Texts are looked for in so much memory around the first that is not found yet. */
const WINDOW_PAGES = 4096;
const WINDOW_BYTES = WINDOW_PAGES * PAGE_BYTES;
/** Texts that lie in more windows than this are read one by one. */
const MAX_WINDOWS = 8;
/** A single text of this size is read by itself. */
const LARGE_BYTES = 1024 * 1024;

/** Memory that can be read, from the address `from` on. */
interface Range {
  readonly from: number;
  readonly to: number;
  /** Undefined until the first text in it is read. */
  bytes: Buffer | undefined;
}

/** Bytes of a text. */
interface FoundText {
  bytes: Buffer;
  start: number;
  length: number;
}

const NO_BYTES = Buffer.alloc(0);

/**
 * Texts of a VARCHAR vector that are not in their entries. To ask DuckDB's binding for the memory of
 * each takes about a microsecond, most of it for the object that it makes. Texts of one chunk are
 * neighbours in memory, though: in a page of a file, or in its dictionary. So it is asked once for all
 * pages of memory that follow each other and have a text in them.
 */
export class FarTexts {
  #ranges: Range[] | undefined;
  #last: Range | undefined;
  /** One for all, since there are millions. */
  readonly found: FoundText = { bytes: NO_BYTES, start: 0, length: 0 };

  constructor(
    readonly entries: TextEntries,
    readonly rows: number,
  ) {}

  /** The text of a row that has more than `INLINE_BYTES` bytes and is not null. */
  text(row: number): string {
    const { bytes, start, length } = this.find(row);
    return bytes.toString('utf8', start, start + length);
  }

  /** Where the text of such a row lies, until the next one is asked for. */
  find(row: number): FoundText {
    const { found } = this;
    const from = addressOf(this.entries, row);
    const length = bytesOf(this.entries, row);
    let range = this.#last;
    if (range === undefined || from < range.from || from + length > range.to) {
      this.#ranges ??= findRanges(this.entries, this.rows);
      range = this.#ranges.find((one) => from >= one.from && from + length <= one.to);
      range ??= { from, to: from + length, bytes: undefined };
      this.#last = range;
    }
    range.bytes ??= readMemory(range.from, range.to - range.from);
    found.bytes = range.bytes;
    found.start = from - range.from;
    found.length = length;
    return found;
  }
}

/** Pages that follow each other with texts in each of them, in no order. */
function findRanges(entries: TextEntries, rows: number): Range[] {
  const ranges: Range[] = [];
  let left: number[] = [];
  for (let row = 0; row < rows; row++) {
    const bytes = bytesOf(entries, row);
    if (isValid(entries.validity, row) && bytes > INLINE_BYTES && bytes <= LARGE_BYTES) {
      left.push(row);
    }
  }
  for (let window = 0; window < MAX_WINDOWS && left.length > 0; window++) {
    const first = addressOf(entries, left[0] ?? 0);
    const start = Math.max(0, pageOf(first) - WINDOW_PAGES / 2) * PAGE_BYTES;
    const hasText = new Uint8Array(WINDOW_PAGES);
    const outside: number[] = [];
    for (const row of left) {
      const from = addressOf(entries, row) - start;
      const to = from + bytesOf(entries, row);
      if (from < 0 || to > WINDOW_BYTES) outside.push(row);
      else hasText.fill(1, pageOf(from), pageOf(to - 1) + 1);
    }
    for (let page = 0; page < WINDOW_PAGES; page++) {
      if (hasText[page] === 0) continue;
      let end = page + 1;
      while (end < WINDOW_PAGES && hasText[end] === 1) end++;
      ranges.push({
        from: start + page * PAGE_BYTES,
        to: start + end * PAGE_BYTES,
        bytes: undefined,
      });
      page = end;
    }
    left = outside;
  }
  return ranges;
}

const pageOf = (address: number): number => Math.floor(address / PAGE_BYTES);

function bytesOf({ words }: TextEntries, row: number): number {
  return (words[row * 4] ?? 0) >>> 0;
}

/** Addresses have at most 52 bits: they are whole in a double. */
function addressOf({ words }: TextEntries, row: number): number {
  return ((words[row * 4 + 2] ?? 0) >>> 0) + ((words[row * 4 + 3] ?? 0) >>> 0) * 2 ** 32;
}

function readMemory(address: number, bytes: number): Buffer {
  const pointer = new ArrayBuffer(8);
  new DataView(pointer).setBigUint64(0, BigInt(address), true);
  const memory = duckdb.get_data_from_pointer(pointer, 0, bytes);
  return Buffer.from(memory.buffer, memory.byteOffset, bytes);
}
