import { CODECS, type Codec, compress } from './compress.js';
import {
  bitsFor,
  byteStreamSplit,
  ENCODINGS,
  type Encoding,
  plain,
  rleRuns,
  TYPES,
  type Value,
} from './encode-values.js';
import { type LeafPath, leavesOf, type SchemaNode, schemaElements } from './schema.js';
import {
  binary,
  bool,
  encodeStruct,
  i32,
  i64,
  list,
  struct,
  type ThriftFields,
  type ThriftValue,
} from './thrift-writer.js';

/** A Parquet file, as far as a test wants to say: the rest is as most writers have it. */
export interface ParquetSpec {
  readonly columns: readonly SchemaNode[];
  /** One entry for each leaf, in the order of the schema. */
  readonly chunks: readonly ChunkSpec[];
  /** What the footer counts instead of the rows that there are. */
  readonly rows?: number;
  readonly keyValues?: Readonly<Record<string, string>>;
  readonly createdBy?: string;
}

export interface ChunkSpec {
  /** A flat leaf has one for each row, null where there is none. */
  readonly values: readonly (Value | null)[];
  /** A nested leaf has levels, for which `values` are those that are there. */
  readonly levels?: {
    readonly repetition: readonly number[];
    readonly definition: readonly number[];
  };
  readonly codec?: Codec;
  readonly encoding?: 'plain' | 'plainDictionary' | 'rleDictionary' | 'byteStreamSplit';
  readonly pageVersion?: 1 | 2;
  /** The data page's body instead of the one that is made, before it is compressed. */
  readonly body?: Buffer;
  /** What the footer says instead of the truth. */
  readonly claims?: {
    readonly codec?: Codec;
    readonly encodings?: readonly Encoding[];
    readonly values?: number;
    readonly compressedBytes?: number;
    readonly uncompressedBytes?: number;
    readonly dataPageOffset?: number;
    readonly filePath?: string;
  };
  /** Fields of the data page's header in place of its own. */
  readonly header?: ThriftFields;
  /** Minimum and maximum in PLAIN's bytes. */
  readonly bounds?: readonly [min: Uint8Array, max: Uint8Array];
}

/** Writes the file byte by byte: one row group, one data page for each column chunk. */
export function parquetBytes(spec: ParquetSpec): Buffer {
  const leaves = leavesOf(spec.columns);
  const rows = spec.rows ?? rowsOf(spec.chunks[0]);
  const parts: Buffer[] = [MAGIC];
  let offset = MAGIC.length;
  const columns = leaves.map((leaf, i): ThriftValue => {
    const chunk = spec.chunks[i];
    if (chunk === undefined) throw new RangeError(`no values for ${leaf.path.join('.')}`);
    const { bytes, column } = chunkOf(leaf, chunk, offset);
    parts.push(bytes);
    offset += bytes.length;
    return column;
  });
  const body = Buffer.concat(parts);
  const rowGroup = struct({ 1: list(columns), 2: i64(body.length - 4), 3: i64(rows) });
  return withFooter(
    body,
    encodeStruct({
      1: i32(2),
      2: list(schemaElements(spec.columns)),
      3: i64(rows),
      4: list([rowGroup]),
      5: spec.keyValues === undefined ? undefined : keyValueList(spec.keyValues),
      6: spec.createdBy === undefined ? undefined : binary(spec.createdBy),
    }),
  );
}

/** Pages, then a footer that may say anything. */
export function withFooter(body: Uint8Array, footer: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([body, footer, length, MAGIC]);
}

function rowsOf(chunk: ChunkSpec | undefined): number {
  const { repetition = [], definition = chunk?.values ?? [] } = chunk?.levels ?? {};
  return repetition.length === 0
    ? definition.length
    : repetition.filter((level) => level === 0).length;
}

const MAGIC = Buffer.from('PAR1');

function keyValueList(pairs: Readonly<Record<string, string>>): ThriftValue {
  return list(
    Object.entries(pairs).map(([key, value]) => struct({ 1: binary(key), 2: binary(value) })),
  );
}

function chunkOf(
  leaf: LeafPath,
  chunk: ChunkSpec,
  offset: number,
): { bytes: Buffer; column: ThriftValue } {
  const { codec = 'uncompressed', encoding = 'plain', claims = {} } = chunk;
  const { type } = leaf.node;
  const there = chunk.values.flatMap((value) => value ?? []);
  const dictionary = encoding.endsWith('Dictionary') ? [...new Set(there)] : undefined;
  const dictionaryPage =
    dictionary === undefined
      ? Buffer.alloc(0)
      : page(codec, plain(type, dictionary), (sizes) => ({
          1: i32(2),
          ...sizes,
          7: struct({
            1: i32(dictionary.length),
            2: i32(ENCODINGS[DICTIONARY_PAGE[encoding] ?? 'plain']),
          }),
        }));
  const values =
    chunk.body ??
    (dictionary === undefined
      ? encoding === 'byteStreamSplit'
        ? byteStreamSplit(type, there)
        : plain(type, there)
      : dictionaryIndexes(there, dictionary));
  const dataPage = dataPageOf(leaf, chunk, values);
  const bytes = Buffer.concat([dictionaryPage, dataPage]);
  const count = chunk.levels?.definition.length ?? chunk.values.length;
  const encodings: readonly Encoding[] = claims.encodings ?? [encoding, 'rle'];
  const column = struct({
    1: claims.filePath === undefined ? undefined : binary(claims.filePath),
    2: i64(offset),
    3: struct({
      1: i32(TYPES[type]),
      2: list(encodings.map((name) => i32(ENCODINGS[name]))),
      3: list(leaf.path.map(binary)),
      4: i32(CODECS[claims.codec ?? codec]),
      5: i64(claims.values ?? count),
      6: i64(claims.uncompressedBytes ?? bytes.length),
      7: i64(claims.compressedBytes ?? bytes.length),
      9: i64(claims.dataPageOffset ?? offset + dictionaryPage.length),
      11: dictionary === undefined ? undefined : i64(offset),
      12:
        chunk.bounds === undefined
          ? undefined
          : struct({ 5: binary(chunk.bounds[1]), 6: binary(chunk.bounds[0]) }),
    }),
  });
  return { bytes, column };
}

/** What the dictionary's own page calls its encoding: the old writers' name, or the new one. */
const DICTIONARY_PAGE: Readonly<Record<string, Encoding>> = {
  plainDictionary: 'plainDictionary',
  rleDictionary: 'plain',
};

function dictionaryIndexes(values: readonly Value[], dictionary: readonly Value[]): Buffer {
  const width = Math.max(1, bitsFor(dictionary.length - 1));
  const indexes = values.map((value) => dictionary.indexOf(value));
  return Buffer.concat([Buffer.from([width]), rleRuns(width, indexes)]);
}

function dataPageOf(leaf: LeafPath, chunk: ChunkSpec, values: Buffer): Buffer {
  const { codec = 'uncompressed', encoding = 'plain', pageVersion = 1, header = {} } = chunk;
  const definition =
    chunk.levels?.definition ?? chunk.values.map((value) => (value === null ? 0 : 1));
  const repetition = chunk.levels?.repetition ?? [];
  const repetitionRuns =
    leaf.maxRepetition === 0 ? Buffer.alloc(0) : rleRuns(bitsFor(leaf.maxRepetition), repetition);
  const definitionRuns =
    leaf.maxDefinition === 0 ? Buffer.alloc(0) : rleRuns(bitsFor(leaf.maxDefinition), definition);
  const count = i32(definition.length);
  if (pageVersion === 1) {
    const levels = [repetitionRuns, definitionRuns].filter(({ length }) => length > 0);
    const body = Buffer.concat([...levels.flatMap((runs) => [lengthOf(runs), runs]), values]);
    return page(codec, body, (sizes) => ({
      1: i32(0),
      ...sizes,
      5: struct({ 1: count, 2: i32(ENCODINGS[encoding]), 3: i32(3), 4: i32(3) }),
      ...header,
    }));
  }
  const compressed = compress(codec, values);
  const before = repetitionRuns.length + definitionRuns.length;
  const nulls = definition.filter((level) => level < leaf.maxDefinition).length;
  return Buffer.concat([
    encodeStruct({
      1: i32(3),
      2: i32(before + values.length),
      3: i32(before + compressed.length),
      8: struct({
        1: count,
        2: i32(nulls),
        3: i32(rowsOf(chunk)),
        4: i32(ENCODINGS[encoding]),
        5: i32(definitionRuns.length),
        6: i32(repetitionRuns.length),
        7: bool(codec !== 'uncompressed'),
      }),
      ...header,
    }),
    repetitionRuns,
    definitionRuns,
    compressed,
  ]);
}

function page(codec: Codec, body: Buffer, header: (sizes: ThriftFields) => ThriftFields): Buffer {
  const compressed = compress(codec, body);
  const sizes = { 2: i32(body.length), 3: i32(compressed.length) };
  return Buffer.concat([encodeStruct(header(sizes)), compressed]);
}

function lengthOf(runs: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(runs.length);
  return length;
}
