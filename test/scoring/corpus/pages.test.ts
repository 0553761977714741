import {
  type ChunkSpec,
  type Codec,
  encodeStruct,
  type Encoding,
  i32,
  i64,
  list,
  parquetBytes,
  type PhysicalType,
  struct,
  type Value,
  withFooter,
} from '@shardmill/test-kit/parquet-file';
import { type CorpusEntry, type Right, testCorpus } from './corpus.js';

/** Codecs, encodings and page versions; and files whose footers or pages are wrong. */

const VALUES: Readonly<Record<PhysicalType, readonly Value[]>> = {
  boolean: [true, false, true, true],
  int32: [7, -7, 7, 2 ** 31 - 1],
  int64: [7n, -7n, 7n, 2n ** 40n],
  int96: [],
  float: [0.5, -0.5, 0.5, 2],
  double: [0.1, -0.1, 0.1, 1e300],
  byteArray: ['a', 'b', 'a', 'ü'],
  fixed: ['abcd', 'efgh', 'abcd', 'ijkl'],
};
const plainly = (type: PhysicalType): readonly unknown[] =>
  VALUES[type].map((value) => {
    if (type === 'fixed') return `0x${Buffer.from(String(value)).toString('hex')}`;
    return typeof value === 'bigint' ? Number(value) : value;
  });

function file(type: PhysicalType, chunk: Partial<ChunkSpec> = {}, nulls = false): Buffer {
  const values = nulls ? [null, ...VALUES[type], null] : VALUES[type];
  return parquetBytes({
    columns: [
      {
        name: 'x',
        type,
        ...(nulls ? {} : { repetition: 'required' }),
        ...(type === 'byteArray' ? { converted: 'utf8' } : {}),
        ...(type === 'fixed' ? { length: 4 } : {}),
      },
    ],
    chunks: [{ values, ...chunk }],
  });
}

const READABLE: readonly Codec[] = ['uncompressed', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4Raw'];
const TYPES: readonly PhysicalType[] = ['int32', 'int64', 'float', 'double', 'byteArray', 'fixed'];

const readable: readonly CorpusEntry[] = [
  ...READABLE.flatMap((codec) =>
    ([1, 2] as const).map((pageVersion) => ({
      name: `${codec} in pages of version ${pageVersion}`,
      file: file('double', { codec, pageVersion }, true),
      right: { values: [null, ...plainly('double'), null] },
    })),
  ),
  ...TYPES.flatMap((type) =>
    (['plainDictionary', 'rleDictionary'] as const).map((encoding) => ({
      name: `${encoding} of ${type}`,
      file: file(type, { encoding, codec: 'snappy' }, true),
      right: { values: [null, ...plainly(type), null] },
    })),
  ),
  ...(['float', 'double'] as const).map((type) => ({
    name: `byteStreamSplit of ${type}`,
    file: file(type, { encoding: 'byteStreamSplit' }),
    right: { values: plainly(type) },
  })),
  {
    name: 'plain boolean',
    file: file('boolean', {}, true),
    right: { values: [null, ...plainly('boolean'), null] },
  },
];

const unsupported = (message: RegExp): Right => ({ code: 'INPUT_UNSUPPORTED', message });

const undecodable: readonly CorpusEntry[] = [
  ...(['int32', 'int64', 'fixed'] as const).map((type) => ({
    name: `byteStreamSplit of ${type}`,
    file: file(type, { encoding: 'byteStreamSplit' }),
    right: unsupported(/"x".*BYTE_STREAM_SPLIT.*(INT|FIXED)/),
  })),
  {
    name: "LZ4 in Hadoop's framing",
    file: file('int32', { codec: 'lz4' }),
    right: unsupported(/"x".*Hadoop/),
  },
  {
    name: 'LZO',
    file: file('int32', { claims: { codec: 'lzo' } }),
    right: unsupported(/"x".*LZO/),
  },
  {
    name: 'pages that are in another file',
    file: file('int32', { claims: { filePath: 'other.parquet' } }),
    right: unsupported(/"x".*another file.*other\.parquet/),
  },
];

/** Columns `x`, and `unused` of which the job knows nothing. */
function withUnused(y: Partial<ChunkSpec>): Buffer {
  return parquetBytes({
    columns: [
      { name: 'x', type: 'int32' },
      { name: 'unused', type: 'int32' },
    ],
    chunks: [{ values: [1, 2] }, { values: [3, 4], ...y }],
  });
}

const unused: readonly CorpusEntry[] = [
  {
    name: 'LZO of a column that is not used',
    file: withUnused({ claims: { codec: 'lzo' } }),
    right: { values: [1, 2] },
  },
  {
    name: 'byteStreamSplit of an int32 that is not used',
    file: withUnused({ encoding: 'byteStreamSplit' }),
    right: { values: [1, 2] },
  },
  {
    name: 'a decimal of 50 digits that is not used',
    file: parquetBytes({
      columns: [
        { name: 'x', type: 'int32' },
        { name: 'unused', type: 'byteArray', converted: 'decimal', precision: 50, scale: 2 },
      ],
      chunks: [{ values: [1, 2] }, { values: ['a', 'b'] }],
    }),
    right: { values: [1, 2] },
  },
];

/** A footer with a schema of one column and one row group that says so. */
function claiming(rows: number, columns: readonly ReturnType<typeof struct>[] = []): Buffer {
  const schema = parquetBytes({
    columns: [{ name: 'x', type: 'int32' }],
    chunks: [{ values: [1] }],
  });
  if (columns.length === 0)
    return parquetBytes({
      columns: [{ name: 'x', type: 'int32' }],
      chunks: [{ values: [1] }],
      rows,
    });
  return withFooter(
    schema.subarray(0, 4),
    encodeStruct({ 1: i32(2), 3: i64(rows), 4: list(columns) }),
  );
}

const damaged = (message: RegExp): Right => ({ code: 'INPUT_NOT_PARQUET', message });
const undecoded = (message: RegExp): Right => ({ code: 'INPUT_DAMAGED', message });
const OTHER_ENCODING: Encoding = 'rle';

const lies: readonly CorpusEntry[] = [
  {
    name: '4.29 thousand million rows in 300 bytes',
    file: claiming(4_290_000_000),
    right: damaged(/4290000000 rows of a file of \d+ bytes/),
  },
  { name: 'no schema', file: claiming(1, [struct({ 3: i64(1) })]), right: damaged(/no schema/) },
  {
    name: 'a column chunk beyond the end',
    file: file('int32', { claims: { compressedBytes: 1_000_000 } }),
    right: damaged(/row group 0 claims bytes up to \d+ of a file of \d+/),
  },
  {
    name: 'a page beyond the end',
    file: file('int32', { claims: { dataPageOffset: 2 ** 40 } }),
    right: damaged(/row group 0 claims bytes up to/),
  },
  {
    name: 'one row more than there are',
    file: parquetBytes({
      columns: [{ name: 'x', type: 'int32' }],
      chunks: [{ values: [1, 2] }],
      rows: 3,
    }),
    right: undecoded(/row group 0, column "x"/),
  },
  {
    name: 'a text that claims 2 GB',
    file: file('byteArray', { body: Buffer.of(0xff, 0xff, 0xff, 0x7f, 65) }),
    right: undecoded(/row group 0, column "x"/),
  },
  {
    name: 'a page that claims 2 GB once it is decompressed',
    file: file('int32', { header: { 2: i32(2 ** 31 - 16) } }),
    right: undecoded(/row group 0, column "x"/),
  },
  {
    name: 'a page that claims 2 GB of itself, in a codec',
    file: file('int32', { codec: 'snappy', header: { 2: i32(2 ** 31 - 16) } }),
    right: undecoded(/row group 0, column "x"/),
  },
  {
    name: 'an encoding that the page has and the footer does not name',
    file: file('int32', { encoding: 'byteStreamSplit', claims: { encodings: [OTHER_ENCODING] } }),
    right: undecoded(/row group 0, column "x"/),
  },
  {
    name: 'UTF8 that is none',
    file: parquetBytes({
      columns: [{ name: 'x', type: 'byteArray', converted: 'utf8' }],
      chunks: [{ values: [Buffer.of(0xff, 0xfe)] }],
    }),
    right: undecoded(/row group 0, column "x"/),
  },
  {
    name: 'STRING alone that is none',
    file: parquetBytes({
      columns: [{ name: 'x', type: 'byteArray', logical: 'string' }],
      chunks: [{ values: [Buffer.of(0xff, 0xfe)] }],
    }),
    right: undecoded(/row group 0, column "x"/),
  },
  {
    name: 'UINT(8) alone beyond its bits',
    file: parquetBytes({
      columns: [{ name: 'x', type: 'int32', logical: { int: 8, signed: false } }],
      chunks: [{ values: [300] }],
    }),
    right: undecoded(/row group 0, column "x"/),
  },
  {
    name: 'a dictionary index beyond the dictionary',
    file: file('int32', { encoding: 'rleDictionary', body: Buffer.of(8, 8, 200) }),
    right: undecoded(/row group 0, column "x"/),
  },
];

testCorpus([...readable, ...undecodable, ...unused, ...lies]);
