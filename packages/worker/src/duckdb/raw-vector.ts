import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { DataChunk, Vector } from '@duckdb/node-bindings';
import { duckdb } from './node-api.js';

/**
 * Columns of a DuckDB chunk as typed arrays, without an object per value. The views point into
 * DuckDB's memory and are valid only until the chunk is released.
 */

/** The most rows that a chunk holds. */
export const CHUNK_ROWS = duckdb.vector_size();

export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

interface ArrayType<T extends NumberArray> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

export function columnVector(chunk: DuckDBDataChunk, column: number): Vector {
  return duckdb.data_chunk_get_vector(chunk.chunk, column);
}

/** The `rows` values of a fixed-width vector; values of null rows are arbitrary. */
export function vectorValues<T extends NumberArray>(
  vector: Vector,
  type: ArrayType<T>,
  rows: number,
): T {
  const bytes = duckdb.vector_get_data(vector, rows * type.BYTES_PER_ELEMENT);
  return new type(bytes.buffer, bytes.byteOffset, rows);
}

/** Makes these of a vector's rows null; a vector that is being filled has none before. */
export function markNull(vector: Vector, rows: number, nulls: Iterable<number>): void {
  let mask: Uint8Array<ArrayBuffer> | undefined;
  for (const row of nulls) {
    mask ??= new Uint8Array(Math.ceil(rows / 64) * 8).fill(0xff);
    mask[row >> 3] = (mask[row >> 3] ?? 0) & ~(1 << (row & 7));
  }
  if (mask === undefined) return;
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, mask.buffer, 0, mask.byteLength);
}

/** A validity mask for the rows of a chunk, in which all of them are null. */
export const noneValid = (): Uint8Array<ArrayBuffer> => new Uint8Array(CHUNK_ROWS / 8);

/** Writes the validity mask of a struct's field, of all rows of a chunk. */
export function writeFieldValidity(
  struct: Vector,
  field: number,
  mask: Uint8Array<ArrayBuffer>,
): void {
  const vector = duckdb.struct_vector_get_child(struct, field);
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, mask.buffer, mask.byteOffset, mask.byteLength);
}

/** One bit per row, set where the row is not null; null where no row is. */
export function vectorValidity(vector: Vector, rows: number): Uint8Array | null {
  // The binding's type leaves out that there may be no mask at all.
  const mask: Uint8Array | null = duckdb.vector_get_validity(vector, Math.ceil(rows / 64) * 8);
  return mask;
}

/** Whether the mask has no null among the first rows. */
export function isWhole(mask: Uint8Array | null, rows: number): boolean {
  if (mask === null) return true;
  const bytes = rows >> 3;
  for (let i = 0; i < bytes; i++) if (mask[i] !== 0xff) return false;
  for (let row = bytes * 8; row < rows; row++) if (!isValid(mask, row)) return false;
  return true;
}

export function isValid(mask: Uint8Array | null, row: number): boolean {
  return mask === null || (((mask[row >> 3] ?? 0) >> (row & 7)) & 1) === 1;
}

/** Rows of a list vector: where each begins in its child, and how many elements it has. */
export interface ListRows {
  readonly offsets: Float64Array;
  readonly lengths: Float64Array;
  readonly child: Vector;
  readonly childRows: number;
}

export function listRows(vector: Vector, rows: number): ListRows {
  const bytes = duckdb.vector_get_data(vector, rows * 16);
  // Two integers of 64 bits each: read by halves, since a `bigint` is an object.
  const halves = new Uint32Array(bytes.buffer, bytes.byteOffset, rows * 4);
  const [offsets, lengths] = [new Float64Array(rows), new Float64Array(rows)];
  for (let row = 0, at = 0; row < rows; row++, at += 4) {
    offsets[row] = (halves[at] ?? 0) + (halves[at + 1] ?? 0) * 2 ** 32;
    lengths[row] = (halves[at + 2] ?? 0) + (halves[at + 3] ?? 0) * 2 ** 32;
  }
  return {
    offsets,
    lengths,
    child: duckdb.list_vector_get_child(vector),
    childRows: duckdb.list_vector_get_size(vector),
  };
}

/** Values of up to so many bytes are in their entries. */
export const INLINE_BYTES = 12;

/** A copy of the value of a BLOB or VARCHAR vector's row; undefined for null. */
export function copyBytes(vector: Vector, row: number, rows: number): Uint8Array | undefined {
  if (!isValid(vectorValidity(vector, rows), row)) return undefined;
  const bytes = duckdb.vector_get_data(vector, rows * 16);
  const at = row * 16;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
  if (length <= INLINE_BYTES) return bytes.slice(at + 4, at + 4 + length);
  const buffer = bytes.buffer as ArrayBuffer;
  return duckdb.get_data_from_pointer(buffer, bytes.byteOffset + at + 8, length).slice();
}

/** Writes `rows` values into a fixed-width column of a chunk that is being filled. */
export function writeValues(
  chunk: DataChunk,
  column: number,
  values: NumberArray,
  start: number,
  rows: number,
): void {
  const vector = duckdb.data_chunk_get_vector(chunk, column);
  writeVector(vector, values, start, rows);
}

/** The same for an ARRAY column of `width` values per row. */
export function writeArrays(
  chunk: DataChunk,
  column: number,
  width: number,
  values: NumberArray,
  startRow: number,
  rows: number,
): void {
  const vector = duckdb.data_chunk_get_vector(chunk, column);
  writeVector(duckdb.array_vector_get_child(vector), values, startRow * width, rows * width);
}

/** Writes the rows of a struct's field: one value each, or a list of `width` values each. */
export function writeField(
  struct: Vector,
  field: number,
  layout: { readonly width: number; readonly list: boolean },
  values: NumberArray,
  rows: number,
): void {
  const { width, list } = layout;
  const vector = duckdb.struct_vector_get_child(struct, field);
  if (list) writeLists(vector, width, values, 0, rows);
  else writeVector(vector, values, 0, rows);
}

/** Writes rows of a list vector, of `width` values each. */
export function writeLists(
  vector: Vector,
  width: number,
  values: NumberArray | readonly string[],
  startRow: number,
  rows: number,
): void {
  // Two integers of 64 bits each, of which the upper halves are 0: a chunk has no more elements.
  const entries = new Uint32Array(rows * 4);
  for (let row = 0; row < rows; row++) {
    entries[row * 4] = row * width;
    entries[row * 4 + 2] = width;
  }
  duckdb.list_vector_reserve(vector, rows * width);
  duckdb.list_vector_set_size(vector, rows * width);
  duckdb.copy_data_to_vector(vector, 0, entries.buffer, 0, entries.byteLength);
  const child = duckdb.list_vector_get_child(vector);
  if (isTexts(values)) assignTexts(child, values, startRow * width, rows * width);
  else writeVector(child, values, startRow * width, rows * width);
}

function isTexts(values: NumberArray | readonly string[]): values is readonly string[] {
  return Array.isArray(values);
}

/** Writes `count` values, from `start` on, into a fixed-width vector that is being filled. */
export function writeVector(
  vector: Vector,
  values: NumberArray,
  start: number,
  count: number,
): void {
  const size = values.BYTES_PER_ELEMENT;
  duckdb.copy_data_to_vector(
    vector,
    0,
    values.buffer as ArrayBuffer,
    values.byteOffset + start * size,
    count * size,
  );
}

export function writeTexts(
  chunk: DataChunk,
  column: number,
  texts: readonly string[],
  start: number,
  rows: number,
): void {
  assignTexts(duckdb.data_chunk_get_vector(chunk, column), texts, start, rows);
}

/** The same for an ARRAY column of `width` texts per row. */
export function writeTextArrays(
  chunk: DataChunk,
  column: number,
  width: number,
  texts: readonly string[],
  startRow: number,
  rows: number,
): void {
  const vector = duckdb.data_chunk_get_vector(chunk, column);
  assignTexts(duckdb.array_vector_get_child(vector), texts, startRow * width, rows * width);
}

function assignTexts(vector: Vector, texts: readonly string[], start: number, count: number): void {
  for (let i = 0; i < count; i++) {
    duckdb.vector_assign_string_element(vector, i, texts[start + i] ?? '');
  }
}
