import { readFile, writeFile } from 'node:fs/promises';
import {
  binaryField,
  boolField,
  readStruct,
  structAt,
  structsAt,
  type ThriftStruct,
  writeStruct,
} from './thrift-tree.js';

/** A column chunk's bounds as a writer other than the one of the file would have written them. */
export interface ChunkStatistics {
  readonly min: Uint8Array;
  readonly max: Uint8Array;
  /** Whether they go into `min` and `max`, which were deprecated, instead of `min_value` and `max_value`. */
  readonly deprecated?: boolean;
  /** Whether they are values of the column; a writer may cut long texts. */
  readonly exact?: boolean;
}

/**
 * Replaces the bounds in a Parquet file's footer; the counts of nulls stay.
 * @param choose is called for each column chunk with its dotted path and the number of its row
 *   group; 'keep' leaves its statistics, 'none' removes them with the counts.
 */
export async function rewriteStatistics(
  file: string,
  choose: (column: string, rowGroup: number) => ChunkStatistics | 'keep' | 'none',
): Promise<void> {
  const bytes = await readFile(file);
  const end = bytes.length - TAIL;
  const start = end - bytes.readUInt32LE(end);
  const footer = readStruct(bytes.subarray(start, end));
  for (const [index, rowGroup] of structsAt(footer, ROW_GROUPS).entries()) {
    for (const chunk of structsAt(rowGroup, COLUMNS)) {
      const metaData = structAt(chunk, META_DATA);
      const chosen = choose(pathOf(metaData), index);
      if (chosen === 'none') metaData.delete(STATISTICS);
      else if (chosen !== 'keep') setBounds(metaData, chosen);
    }
  }
  const changed = writeStruct(footer);
  const tail = Buffer.from(bytes.subarray(end));
  tail.writeUInt32LE(changed.length);
  await writeFile(file, Buffer.concat([bytes.subarray(0, start), changed, tail]));
}

function pathOf(metaData: ThriftStruct): string {
  const path = metaData.get(PATH_IN_SCHEMA)?.value;
  if (typeof path !== 'object' || !('items' in path)) throw new Error('a chunk without a path');
  return path.items.map((item) => (item instanceof Uint8Array ? String(item) : '?')).join('.');
}

function setBounds(
  metaData: ThriftStruct,
  { min, max, deprecated = false, exact }: ChunkStatistics,
): void {
  const statistics = structAt(metaData, STATISTICS);
  for (const id of [MAX, MIN, MAX_VALUE, MIN_VALUE, MAX_EXACT, MIN_EXACT]) statistics.delete(id);
  statistics.set(deprecated ? MIN : MIN_VALUE, binaryField(min));
  statistics.set(deprecated ? MAX : MAX_VALUE, binaryField(max));
  if (exact !== undefined) {
    statistics.set(MAX_EXACT, boolField(exact));
    statistics.set(MIN_EXACT, boolField(exact));
  }
  metaData.set(STATISTICS, { type: STRUCT, value: statistics });
}

/** The footer's length and the magic number. */
const TAIL = 8;
const STRUCT = 12;
// Fields of FileMetaData, RowGroup, ColumnChunk, ColumnMetaData and Statistics.
const [ROW_GROUPS, COLUMNS, META_DATA, PATH_IN_SCHEMA, STATISTICS] = [4, 1, 3, 3, 12];
const [MAX, MIN, MAX_VALUE, MIN_VALUE, MAX_EXACT, MIN_EXACT] = [1, 2, 5, 6, 7, 8];
