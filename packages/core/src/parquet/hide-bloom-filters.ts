import { LIST, STRUCT, ThriftReader } from './thrift-reader.js';

/**
 * A footer in which no column chunk has a Bloom filter: one that was not fetched cannot be queried,
 * and a reader would query those of every row group. Every offset in it stays as it is.
 * @returns a changed copy.
 * @throws RangeError where the bytes are damaged.
 */
export function hideBloomFilters(footer: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(footer);
  const reader = new ThriftReader(bytes);
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    if (id === ROW_GROUPS) eachStruct(reader, () => hideInRowGroup(reader, bytes));
    else reader.skip(reader.type);
  }
  return bytes;
}

function hideInRowGroup(reader: ThriftReader, bytes: Uint8Array): void {
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    if (id === COLUMNS) eachStruct(reader, () => hideInChunk(reader, bytes));
    else reader.skip(reader.type);
  }
}

function hideInChunk(reader: ThriftReader, bytes: Uint8Array): void {
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    if (id === META_DATA && reader.type === STRUCT) hideInMetaData(reader, bytes);
    else reader.skip(reader.type);
  }
}

function hideInMetaData(reader: ThriftReader, bytes: Uint8Array): void {
  for (let previous = 0; ; ) {
    const start = reader.offset;
    const id = reader.field(previous);
    if (id === 0) return;
    if (id === BLOOM_FILTER_OFFSET) renumber(bytes, start);
    reader.skip(reader.type);
    previous = id;
  }
}

/**
 * Gives a field an id that no version of the format knows, so that readers skip it. Ids are stored
 * as the distance from the field before: those that follow become unknown as well, which are
 * the filter's length and statistics for writers.
 */
function renumber(bytes: Uint8Array, at: number): void {
  const header = bytes[at] ?? 0;
  if (header >> 4 !== 0) bytes[at] = 0xf0 | header;
  else bytes[at + 1] = UNKNOWN_FIELD;
}

function eachStruct(reader: ThriftReader, visit: () => void): void {
  reader.expect(LIST);
  const length = reader.listLength();
  if (length > 0) reader.expect(STRUCT);
  for (let i = 0; i < length; i++) visit();
}

// Fields of FileMetaData, RowGroup, ColumnChunk and ColumnMetaData.
const [ROW_GROUPS, COLUMNS, META_DATA, BLOOM_FILTER_OFFSET] = [4, 1, 3, 14];
/** 63, as a zigzag integer of one byte. */
const UNKNOWN_FIELD = 126;
