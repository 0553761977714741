import type { PlannedPart, PlannedShard } from '@shardmill/core';
import { quoteText } from '../duckdb/quote.js';

/** Names by which expressions of the output get a row's origin, unless the input has such columns. */
export const ORIGIN_COLUMNS = [
  { name: '_file', type: 'VARCHAR' },
  { name: '_row', type: 'BIGINT' },
] as const;

/**
 * Where a row comes from, as SQL over its key: the URI of its file, and its number in that file, from
 * 0. The upper bits of a key are the number of its slice.
 * @param key a quoted reference to the key.
 */
export function rowOrigin(
  { files }: PlannedShard,
  { slices }: PlannedPart,
  key: string,
): { readonly file: string; readonly row: string } {
  const uris = slices.map((slice) => quoteText(files[slice.file]?.uri ?? ''));
  return {
    file: `([${uris.join(', ')}]::VARCHAR[])[(${key} >> 40) + 1]`,
    row: `(${key} & ((1::BIGINT << 40) - 1))`,
  };
}
