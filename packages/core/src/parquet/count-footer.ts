import { LIST, STRUCT, ThriftReader } from './thrift-reader.js';

/** What a file holds, by its footer. */
export interface FooterCounts {
  readonly rows: number;
  /** In the order of the schema; none where there is no row group. */
  readonly leaves: readonly LeafCounts[];
}

/** A leaf of the schema. */
export interface LeafCounts {
  /** Names from the column to the leaf. */
  readonly path: readonly string[];
  /** Undefined where the footer does not have it for all row groups. */
  readonly nulls: number | undefined;
}

/**
 * Counts rows and nulls.
 * @param bytes of the FileMetaData struct
 * @throws RangeError where they are damaged
 */
export function countFooter(bytes: Uint8Array): FooterCounts {
  const reader = new ThriftReader(bytes);
  const leaves: LeafCounts[] = [];
  let rows: number | undefined;
  let rowsOfGroups = 0;
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    if (id === 3) rows = reader.count();
    else if (id === 4) {
      const groups = reader.listLength();
      if (groups > 0) reader.expect(STRUCT);
      for (let group = 0; group < groups; group++) rowsOfGroups += countRowGroup(reader, leaves);
    } else reader.skip(reader.type);
  }
  if (rows === undefined) throw new RangeError('the footer lacks its row count');
  if (rows !== rowsOfGroups) {
    throw new RangeError(`the row groups have ${rowsOfGroups} rows, but the footer counts ${rows}`);
  }
  return { rows, leaves };
}

/** @param leaves gets those of the first row group, and the nulls of each. */
function countRowGroup(reader: ThriftReader, leaves: LeafCounts[]): number {
  const isFirst = leaves.length === 0;
  let rows: number | undefined;
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    if (id === 1) {
      const chunks = reader.listLength();
      if (!isFirst && chunks !== leaves.length) {
        throw new RangeError(`a row group has ${chunks} columns, the first one ${leaves.length}`);
      }
      for (let leaf = 0; leaf < chunks; leaf++) {
        const chunk = readChunk(reader);
        const before = leaves[leaf] ?? { path: chunk.path, nulls: 0 };
        const known = before.nulls !== undefined && chunk.nulls !== undefined;
        leaves[leaf] = {
          path: before.path,
          nulls: known ? (before.nulls ?? 0) + (chunk.nulls ?? 0) : undefined,
        };
      }
    } else if (id === 3) rows = reader.count();
    else reader.skip(reader.type);
  }
  if (rows === undefined) throw new RangeError('a row group has no row count');
  return rows;
}

/** A ColumnChunk struct. */
function readChunk(reader: ThriftReader): LeafCounts {
  let chunk: LeafCounts | undefined;
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    if (id === 3 && reader.type === STRUCT) chunk = readColumnMetaData(reader);
    else reader.skip(reader.type);
  }
  if (chunk === undefined) throw new RangeError('a column chunk has no metadata');
  return chunk;
}

const decoder = new TextDecoder();

function readColumnMetaData(reader: ThriftReader): LeafCounts {
  let path: string[] = [];
  let nulls: number | undefined;
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    if (id === 3 && reader.type === LIST) {
      path = Array.from({ length: reader.listLength() }, () => decoder.decode(reader.binary()));
    } else if (id === 12 && reader.type === STRUCT) nulls = readNulls(reader);
    else reader.skip(reader.type);
  }
  return { path, nulls };
}

/** A Statistics struct. */
function readNulls(reader: ThriftReader): number | undefined {
  let nulls: number | undefined;
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    if (id === 3) nulls = reader.count();
    else reader.skip(reader.type);
  }
  return nulls;
}
