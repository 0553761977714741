import type { ByteRange } from '../store/object-store.js';
import { whyUndecodable } from './chunk-support.js';
import { type ParquetSchema, parseSchema } from './parquet-schema.js';
import { STRUCT, ThriftReader } from './thrift-reader.js';
import { type WriterCalendar, writerCalendar } from './writer-calendar.js';

/** What planning and staging take from a footer. */
export interface Footer {
  /** Equal for files whose schemas are equal byte by byte, and that count days alike. */
  readonly fingerprint: string;
  readonly schema: ParquetSchema;
  readonly rows: number;
  readonly rowGroups: readonly FooterRowGroup[];
  /** The program that wrote the file, by its own words; empty where it does not say. */
  readonly createdBy: string;
  readonly calendar: WriterCalendar;
}

export interface FooterRowGroup {
  readonly rows: number;
  /** Compressed bytes of the columns that are used. */
  readonly bytes: number;
  /** By index into `schema.leaves`: of the predicate's columns, and of times that are used. */
  readonly statistics: ReadonlyMap<number, RawStatistics>;
  /** Where the selected columns lie in the file, in the order of the schema. */
  readonly chunks: readonly ByteRange[];
  /** Where the last of the used columns' bytes end, as the footer claims. */
  readonly end: number;
  /** Compressed bytes of the columns that are weighed, by index into `schema.leaves`. */
  readonly weights: ReadonlyMap<number, number>;
  /** Used columns that cannot be decoded, each once. */
  readonly undecodable: readonly UndecodableChunk[];
}

export interface UndecodableChunk {
  /** Index into `schema.leaves`. */
  readonly leaf: number;
  readonly reason: string;
}

/** Statistics as they are stored; views into the footer's bytes. */
export interface RawStatistics {
  readonly nulls: number | undefined;
  readonly min: Uint8Array | undefined;
  readonly max: Uint8Array | undefined;
  readonly minExact: boolean | undefined;
  readonly maxExact: boolean | undefined;
  /** The deprecated fields, of which the order was never defined for all types. */
  readonly oldMin: Uint8Array | undefined;
  readonly oldMax: Uint8Array | undefined;
}

export interface FooterSelection {
  /** Columns of which the bytes are counted; any case. */
  readonly used: readonly string[];
  /** Columns of which statistics are taken; any case. */
  readonly predicate: readonly string[];
  /** Columns of which the place in the file is taken; any case. None where left out. */
  readonly chunks?: readonly string[] | 'all';
  /** Columns of which the bytes are counted each by itself; any case. None where left out. */
  readonly weighed?: readonly string[] | undefined;
}

/**
 * A parser of footers that takes no more than the selected columns; what it learns of one schema
 * it keeps for the next file of the same. It takes the bytes of the FileMetaData struct and throws
 * a RangeError where they are damaged or encrypted.
 */
export function footerParser(selection: FooterSelection): (bytes: Uint8Array) => Footer {
  const select: Selected = {
    used: lowerCase(selection.used),
    predicate: lowerCase(selection.predicate),
    chunks: selection.chunks === 'all' ? 'all' : lowerCase(selection.chunks ?? []),
    weighed: lowerCase(selection.weighed ?? []),
  };
  const known = new Map<string, SelectedSchema>();
  return (bytes) => {
    const reader = new ThriftReader(bytes);
    let selected: SelectedSchema | undefined;
    let rows: number | undefined;
    let rowGroups: FooterRowGroup[] | undefined;
    let createdBy = '';
    let metadata: ReadonlyMap<string, string> = NO_METADATA;
    for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
      if (id === 2) {
        const start = reader.offset;
        reader.skip(reader.type);
        const fingerprint = Buffer.from(reader.since(start)).toString('latin1');
        selected = known.get(fingerprint);
        if (selected === undefined) {
          const schema = parseSchema(reader.since(start));
          selected = { fingerprint, schema, takes: takes(schema, select) };
          known.set(fingerprint, selected);
        }
      } else if (id === 3) rows = reader.count();
      else if (id === 4) {
        if (selected === undefined) throw new RangeError('the footer has no schema');
        rowGroups = readRowGroups(reader, selected);
      } else if (id === 5) metadata = readMetadata(reader);
      else if (id === 6) createdBy = decoder.decode(reader.binary());
      else if (id === 8) throw new RangeError('its columns are encrypted');
      else reader.skip(reader.type);
    }
    if (selected === undefined || rows === undefined || rowGroups === undefined) {
      throw new RangeError('the footer lacks its schema, its row count or its row groups');
    }
    const sum = rowGroups.reduce((total, group) => total + group.rows, 0);
    if (sum !== rows) {
      throw new RangeError(`the row groups have ${sum} rows, but the footer counts ${rows}`);
    }
    const { schema } = selected;
    const calendar = writerCalendar(metadata);
    const fingerprint = `${selected.fingerprint}${JSON.stringify(calendar)}`;
    return { fingerprint, schema, rows, rowGroups, createdBy, calendar };
  };
}

interface SelectedSchema {
  readonly fingerprint: string;
  readonly schema: ParquetSchema;
  /** What is taken of each leaf: bits SIZE, STATISTICS, PLACE and WEIGHT. */
  readonly takes: Uint8Array;
}
const SIZE = 1;
const STATISTICS = 2;
const PLACE = 4;
const WEIGHT = 8;
const decoder = new TextDecoder();

/** Names in lower case. */
interface Selected {
  readonly used: ReadonlySet<string>;
  readonly predicate: ReadonlySet<string>;
  readonly chunks: ReadonlySet<string> | 'all';
  readonly weighed: ReadonlySet<string>;
}

function lowerCase(names: readonly string[]): Set<string> {
  return new Set(names.map((name) => name.toLowerCase()));
}

function takes(schema: ParquetSchema, { used, predicate, chunks, weighed }: Selected): Uint8Array {
  return Uint8Array.from(schema.leaves, ({ column, kind }) => {
    // Renamed columns cannot be distinguished here: take all, conclude nothing.
    if (schema.ambiguous) return SIZE | (chunks === 'all' || chunks.size > 0 ? PLACE : 0);
    const time = kind?.kind === 'date' || kind?.kind === 'timestamp';
    const statistics = kind !== undefined && (predicate.has(column) || (time && used.has(column)));
    return (
      (used.has(column) ? SIZE : 0) |
      (statistics ? STATISTICS : 0) |
      (chunks === 'all' || chunks.has(column) ? PLACE : 0) |
      (weighed.has(column) ? WEIGHT : 0)
    );
  });
}

const NO_METADATA: ReadonlyMap<string, string> = new Map();

/** Key-value metadata, of which what Spark says of its calendar is kept. */
function readMetadata(reader: ThriftReader): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let left = reader.listLength(); left > 0; left--) {
    reader.expect(STRUCT);
    let [key, value] = ['', ''];
    for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
      if (id === 1) key = decoder.decode(reader.binary());
      else if (id === 2 && key.startsWith(SPARK)) value = decoder.decode(reader.binary());
      else reader.skip(reader.type);
    }
    if (key.startsWith(SPARK) && value.length <= MAX_METADATA) found.set(key, value);
    reader.type = STRUCT;
  }
  return found;
}

const SPARK = 'org.apache.spark.';
/** Longer values are schemas, not versions or time zones. */
const MAX_METADATA = 100;

function readRowGroups(reader: ThriftReader, selected: SelectedSchema): FooterRowGroup[] {
  const length = reader.listLength();
  if (length > 0) reader.expect(STRUCT);
  return Array.from({ length }, () => readRowGroup(reader, selected));
}

const NO_STATISTICS: ReadonlyMap<number, RawStatistics> = new Map();
const NO_WEIGHTS: ReadonlyMap<number, number> = new Map();
const NO_CHUNKS: readonly ByteRange[] = [];
const NONE_UNDECODABLE: readonly UndecodableChunk[] = [];

function readRowGroup(
  reader: ThriftReader,
  { schema, takes: taken }: SelectedSchema,
): FooterRowGroup {
  let rows: number | undefined;
  let [bytes, end] = [0, 0];
  let undecodable: UndecodableChunk[] | undefined;
  let statistics: Map<number, RawStatistics> | undefined;
  let weights: Map<number, number> | undefined;
  let places: ByteRange[] | undefined;
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    if (id === 1) {
      const chunks = reader.listLength();
      if (chunks !== taken.length) {
        throw new RangeError(`a row group has ${chunks} columns, the schema ${taken.length}`);
      }
      for (let leaf = 0; leaf < chunks; leaf++) {
        const take = taken[leaf] ?? 0;
        if (take === 0) {
          reader.skip(STRUCT);
          continue;
        }
        const chunk = readChunk(reader, take);
        if ((take & SIZE) !== 0) {
          bytes += chunk.bytes;
          if (chunk.bytes > 0) end = Math.max(end, placeOf(chunk).end);
          const { codec, encodings } = chunk;
          const physical = schema.leaves[leaf]?.physical ?? -1;
          const reason = chunk.external ?? whyUndecodable(physical, codec, encodings);
          if (reason !== undefined) (undecodable ??= []).push({ leaf, reason });
        }
        if (chunk.statistics !== undefined) {
          statistics ??= new Map();
          statistics.set(leaf, chunk.statistics);
        }
        if ((take & WEIGHT) !== 0) (weights ??= new Map()).set(leaf, chunk.bytes);
        if ((take & PLACE) !== 0 && chunk.bytes > 0) (places ??= []).push(placeOf(chunk));
      }
    } else if (id === 3) rows = reader.count();
    else reader.skip(reader.type);
  }
  if (rows === undefined) throw new RangeError('a row group has no row count');
  return {
    rows,
    bytes,
    statistics: statistics ?? NO_STATISTICS,
    chunks: places ?? NO_CHUNKS,
    end,
    weights: weights ?? NO_WEIGHTS,
    undecodable: undecodable ?? NONE_UNDECODABLE,
  };
}

interface Chunk {
  readonly bytes: number;
  readonly statistics: RawStatistics | undefined;
  /** Offsets in the file; 0 where there is no such page. */
  readonly dataPage: number;
  readonly dictionaryPage: number;
  readonly codec: number;
  readonly encodings: readonly number[];
  /** Why its pages are not in this file; undefined where they are. */
  readonly external?: string;
}

const NO_CHUNK: Chunk = {
  bytes: 0,
  statistics: undefined,
  dataPage: 0,
  dictionaryPage: 0,
  codec: 0,
  encodings: [],
};

/**
 * A column chunk begins with its dictionary page, if it has one; some writers give an offset of 0,
 * which is no place in a file, where there is none.
 */
function placeOf({ dataPage, dictionaryPage, bytes }: Chunk): ByteRange {
  const start = dictionaryPage >= MAGIC_BYTES ? Math.min(dictionaryPage, dataPage) : dataPage;
  return { start, end: start + bytes };
}

/** "PAR1" at the file's beginning. */
const MAGIC_BYTES = 4;

function readChunk(reader: ThriftReader, take: number): Chunk {
  let chunk = NO_CHUNK;
  let external: string | undefined;
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    if (id === 1) {
      external = `its pages are in another file, ${JSON.stringify(decoder.decode(reader.binary()))}`;
    } else if (id === 3 && reader.type === STRUCT) chunk = readColumnMetaData(reader, take);
    else reader.skip(reader.type);
  }
  return external === undefined ? chunk : { ...chunk, external };
}

function readColumnMetaData(reader: ThriftReader, take: number): Chunk {
  let [bytes, dataPage, dictionaryPage, codec] = [0, 0, 0, 0];
  let encodings: readonly number[] = NO_CHUNK.encodings;
  let statistics: RawStatistics | undefined;
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    if (id === 2) encodings = readEncodings(reader);
    else if (id === 4) codec = reader.integer();
    else if (id === 7) bytes = reader.count();
    else if (id === 9) dataPage = reader.count();
    else if (id === 11) dictionaryPage = Math.max(0, reader.integer());
    else if (id === 12 && (take & STATISTICS) !== 0) statistics = readStatistics(reader);
    else reader.skip(reader.type);
  }
  return { bytes, statistics, dataPage, dictionaryPage, codec, encodings };
}

function readEncodings(reader: ThriftReader): number[] {
  return Array.from({ length: reader.listLength() }, () => reader.integer());
}

function readStatistics(reader: ThriftReader): RawStatistics {
  reader.expect(STRUCT);
  let nulls: number | undefined;
  let [min, max, oldMin, oldMax]: (Uint8Array | undefined)[] = [];
  let [minExact, maxExact]: (boolean | undefined)[] = [];
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    if (id === 1) oldMax = reader.binary();
    else if (id === 2) oldMin = reader.binary();
    else if (id === 3) nulls = reader.count();
    else if (id === 5) max = reader.binary();
    else if (id === 6) min = reader.binary();
    else if (id === 7) maxExact = reader.bool();
    else if (id === 8) minExact = reader.bool();
    else reader.skip(reader.type);
  }
  return { nulls, min, max, minExact, maxExact, oldMin, oldMax };
}
