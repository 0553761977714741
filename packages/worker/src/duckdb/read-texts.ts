import type { Vector } from '@duckdb/node-bindings';
import { FarTexts } from './far-texts.js';
import { INLINE_BYTES, isValid } from './raw-vector.js';
import { nearText, textEntries } from './text-entries.js';

/**
 * Texts of a VARCHAR vector.
 * @param read is called for rows `from` to `to`, with undefined for nulls.
 */
export function readTexts(
  vector: Vector,
  from: number,
  to: number,
  rows: number,
  read: (row: number, text: string | undefined) => void,
): void {
  const entries = textEntries(vector, rows);
  const { bytes, words, validity } = entries;
  const far = new FarTexts(entries, rows);
  for (let row = from; row < to; row++) {
    if (!isValid(validity, row)) read(row, undefined);
    else if ((words[row * 4] ?? 0) <= INLINE_BYTES) read(row, nearText(bytes, row));
    else read(row, far.text(row));
  }
}
