/**
 * Why DuckDB cannot decode a column chunk, by what the footer says of its codec and its encodings;
 * undefined where it can.
 */
export function whyUndecodable(
  physical: number,
  codec: number,
  encodings: readonly number[],
): string | undefined {
  if (!READABLE_CODECS.has(codec)) {
    return `it is compressed with ${CODECS[codec] ?? `an unknown codec, number ${codec}`}`;
  }
  for (const encoding of encodings) {
    if (encoding === BYTE_STREAM_SPLIT && physical !== FLOAT && physical !== DOUBLE) {
      return `it is encoded with BYTE_STREAM_SPLIT, which is read of FLOAT and DOUBLE only, not of ${TYPES[physical] ?? 'this type'}`;
    }
    if (encoding === GROUP_VAR_INT || encoding < 0 || encoding > BYTE_STREAM_SPLIT) {
      return `it is encoded with an unknown encoding, number ${encoding}`;
    }
  }
  return undefined;
}

const CODECS = [
  'UNCOMPRESSED',
  'SNAPPY',
  'GZIP',
  'LZO',
  'BROTLI',
  "LZ4 in Hadoop's framing",
  'ZSTD',
  'LZ4_RAW',
];
const READABLE_CODECS: ReadonlySet<number> = new Set([0, 1, 2, 4, 6, 7]);
const TYPES = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
];
const [FLOAT, DOUBLE] = [4, 5];
// Encodings: the first was given up before the format was released, the other is the newest.
const [GROUP_VAR_INT, BYTE_STREAM_SPLIT] = [1, 9];
