import type { Vector } from '@duckdb/node-bindings';
import { duckdb } from './node-api.js';
import { vectorValidity } from './raw-vector.js';

/** Of one text. */
export const ENTRY_BYTES = 16;
/** A byte order mark is part of a value like any other character. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Entries of a VARCHAR vector, of 16 bytes each (`duckdb_string_t`): the length, and then the text, with
 * zeros behind it, or its first four bytes and its address.
 */
export interface TextEntries {
  readonly bytes: Uint8Array;
  /** The same as four integers each. */
  readonly words: Int32Array;
  readonly validity: Uint8Array | null;
}

export function textEntries(vector: Vector, rows: number): TextEntries {
  const bytes = duckdb.vector_get_data(vector, rows * ENTRY_BYTES);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, rows * 4);
  return { bytes, words, validity: vectorValidity(vector, rows) };
}

/** A text that is in its entry. @param entries `bytes` of the vector's entries */
export function nearText(entries: Uint8Array, row: number): string {
  const at = row * ENTRY_BYTES;
  return shortText(entries, at + 4, entries[at] ?? 0);
}

/** ASCII of a few bytes is made faster by hand than by a decoder. */
function shortText(bytes: Uint8Array, start: number, length: number): string {
  let text = '';
  for (let i = start; i < start + length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte > 127) return utf8.decode(bytes.subarray(start, start + length));
    text += String.fromCharCode(byte);
  }
  return text;
}
