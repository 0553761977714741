import type { DuckDBDataChunk } from '@duckdb/node-api';
import {
  type BoundFeature,
  type BoundTransform,
  type Column,
  NameIndex,
  ShardmillError,
} from '@shardmill/core';
import {
  Bool,
  type DataType,
  DateDay,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  makeVector,
  RecordBatch,
  Table,
  TimestampMicrosecond,
  Type,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import {
  columnVector,
  type NumberArray,
  vectorValidity,
  vectorValues,
} from '../duckdb/raw-vector.js';
import { readTexts } from '../duckdb/read-texts.js';
import type { ColumnView } from './column-view.js';

/** DuckDB chunks as Arrow record batches, and what a transform returns as columns for packing. */

export function batchOf(
  chunk: DuckDBDataChunk | undefined,
  columns: BoundTransform['columns'],
): RecordBatch {
  const vectors: Record<string, Vector> = {};
  for (const [index, column] of columns.entries()) {
    vectors[column.label] = toArrow(chunk, index, column);
  }
  const table = new Table(vectors);
  return table.batches[0] ?? new RecordBatch(table.schema);
}

interface ArrowType {
  readonly type: DataType;
  /** Undefined where values are not fixed-width in memory as Arrow wants them. */
  readonly array?: (chunk: DuckDBDataChunk, column: number, rows: number) => NumberArray;
}

const TYPES: Readonly<Record<string, ArrowType>> = {
  FLOAT: {
    type: new Float32(),
    array: (c, i, n) => vectorValues(columnVector(c, i), Float32Array, n),
  },
  DOUBLE: {
    type: new Float64(),
    array: (c, i, n) => vectorValues(columnVector(c, i), Float64Array, n),
  },
  TINYINT: { type: new Int8(), array: (c, i, n) => vectorValues(columnVector(c, i), Int8Array, n) },
  SMALLINT: {
    type: new Int16(),
    array: (c, i, n) => vectorValues(columnVector(c, i), Int16Array, n),
  },
  INTEGER: {
    type: new Int32(),
    array: (c, i, n) => vectorValues(columnVector(c, i), Int32Array, n),
  },
  BIGINT: {
    type: new Int64(),
    array: (c, i, n) => vectorValues(columnVector(c, i), BigInt64Array, n),
  },
  UTINYINT: {
    type: new Uint8(),
    array: (c, i, n) => vectorValues(columnVector(c, i), Uint8Array, n),
  },
  USMALLINT: {
    type: new Uint16(),
    array: (c, i, n) => vectorValues(columnVector(c, i), Uint16Array, n),
  },
  UINTEGER: {
    type: new Uint32(),
    array: (c, i, n) => vectorValues(columnVector(c, i), Uint32Array, n),
  },
  UBIGINT: {
    type: new Uint64(),
    array: (c, i, n) => vectorValues(columnVector(c, i), BigUint64Array, n),
  },
  DATE: {
    type: new DateDay(),
    array: (c, i, n) => vectorValues(columnVector(c, i), Int32Array, n),
  },
  TIMESTAMP: {
    type: new TimestampMicrosecond(),
    array: (c, i, n) => vectorValues(columnVector(c, i), BigInt64Array, n),
  },
  VARCHAR: { type: new Utf8() },
  BOOLEAN: { type: new Bool() },
};

function toArrow(
  chunk: DuckDBDataChunk | undefined,
  index: number,
  column: BoundTransform['columns'][number],
): Vector {
  const known = TYPES[column.type];
  if (known === undefined) {
    throw new ShardmillError(
      'TRANSFORM_INVALID',
      `column "${column.label}" is ${column.type}, which a transform cannot get; expected one of ${Object.keys(TYPES).join(', ')}`,
      { where: `transform.columns.${column.label}`, remedy: 'Cast it in transform.columns.' },
    );
  }
  const { type, array } = known;
  if (chunk === undefined) return vectorFromArray([], type);
  const rows = chunk.rowCount;
  const vector = columnVector(chunk, index);
  const validity = vectorValidity(vector, rows);
  if (array !== undefined) {
    // Copied, so that a function may keep what it was given.
    const data = array(chunk, index, rows).slice();
    const nullBitmap = validity === null ? null : validity.slice();
    return Reflect.apply(makeVector, undefined, [
      { type, length: rows, data, ...(nullBitmap === null ? {} : { nullBitmap, nullCount: -1 }) },
    ]);
  }
  if (column.type === 'BOOLEAN') {
    const values = vectorValues(vector, Uint8Array, rows);
    return vectorFromArray(
      Array.from(values, (value, row) => (bit(validity, row) ? value !== 0 : null)),
      type,
    );
  }
  const texts: (string | null)[] = [];
  readTexts(vector, 0, rows, rows, (_, text) => texts.push(text ?? null));
  return vectorFromArray(texts, type);
}

const bit = (mask: Uint8Array | null, row: number): boolean =>
  mask === null || (((mask[row >> 3] ?? 0) >> (row & 7)) & 1) === 1;

/** @throws TRANSFORM_INVALID where it is not one record batch with `rows` rows. */
export function checkResult(result: unknown, rows: number, module: string): RecordBatch {
  if (!isRecordBatch(result)) {
    throw new ShardmillError(
      'TRANSFORM_INVALID',
      `the transform returned ${describeValue(result)}, expected an Arrow RecordBatch`,
      { where: module },
    );
  }
  if (result.numRows !== rows) {
    throw new ShardmillError(
      'TRANSFORM_INVALID',
      `the transform returned ${result.numRows} rows for ${rows}: expected row for row, in the same order`,
      { where: module },
    );
  }
  return result;
}

/**
 * A job file may bring its own copy of apache-arrow, so the class itself is not compared. A table
 * has all that is asked of a batch here, and is as good.
 */
function isRecordBatch(value: unknown): value is RecordBatch {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'numRows') === 'number' &&
    typeof Reflect.get(value, 'getChild') === 'function'
  );
}

const describeValue = (value: unknown): string =>
  value === null || typeof value !== 'object' ? String(value) : value.constructor.name;

export function columnsOf(batch: RecordBatch): Column[] {
  return batch.schema.fields.map((field) => ({ name: field.name, type: sqlTypeOf(field.type) }));
}

function sqlTypeOf(type: DataType): string {
  for (const [sql, known] of Object.entries(TYPES)) {
    if (String(known.type) === String(type)) return sql;
  }
  if (type.typeId === Type.Dictionary) return sqlTypeOf(Reflect.get(type, 'dictionary'));
  if (type.typeId === Type.List || type.typeId === Type.FixedSizeList) {
    const child: DataType = Reflect.get(type, 'valueType');
    return `${sqlTypeOf(child)}[]`;
  }
  return String(type);
}

export function viewBatch(
  batch: RecordBatch,
  features: readonly BoundFeature[],
  module: string,
): ColumnView[] {
  const index = new NameIndex(batch.schema.fields);
  return features.flatMap((feature) =>
    feature.columns.map(({ label }) => {
      const [field] = index.find(label);
      const vector = field === undefined ? null : batch.getChild(field.name);
      if (vector === null) {
        throw new ShardmillError(
          'TRANSFORM_INVALID',
          `the transform returned no column "${label}" for some rows`,
          { where: module },
        );
      }
      return viewVector(vector, feature);
    }),
  );
}

function viewVector(vector: Vector, feature: BoundFeature): ColumnView {
  const values: unknown[] = [];
  for (const value of vector) values.push(value);
  if (feature.layout === 'tokens') return viewValues(values, 'string');
  if (feature.layout === 'scalars') return viewValues(values, feature.type);
  const lengths = values.map((value) => (isList(value) ? value.length : 0));
  const offsets: number[] = [];
  let total = 0;
  for (const length of lengths) {
    offsets.push(total);
    total += length;
  }
  return {
    kind: 'lists',
    validity: maskOf(values),
    offsets,
    lengths,
    elements: viewValues(
      values.flatMap((value) => (isList(value) ? [...value] : [])),
      feature.type,
    ),
  };
}

const isList = (value: unknown): value is Vector => value instanceof Vector;

function viewValues(
  values: readonly unknown[],
  type: BoundFeature['type'],
): Extract<ColumnView, { kind: 'numbers' | 'texts' }> {
  if (type === 'string') {
    return { kind: 'texts', texts: values.map((v) => (v === null ? undefined : String(v))) };
  }
  // What the tensor cannot hold is null, as it is of TRY_CAST, and never wraps around.
  const range = INTEGER_RANGES[type];
  const fitting = range === undefined ? values : values.map((v) => (isWithin(v, range) ? v : null));
  const numbers =
    type === 'int64'
      ? BigInt64Array.from(fitting, toBigInt)
      : type === 'uint64'
        ? BigUint64Array.from(fitting, toBigInt)
        : Float64Array.from(fitting, (v) => (v === null ? 0 : Number(v)));
  return { kind: 'numbers', values: numbers, validity: maskOf(fitting) };
}

const toBigInt = (value: unknown): bigint =>
  typeof value === 'bigint' ? value : BigInt(Number(value ?? 0));

type Range = readonly [low: bigint, high: bigint];

const signed = (bits: bigint): Range => [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];

const INTEGER_RANGES: Readonly<Partial<Record<BoundFeature['type'], Range>>> = {
  int8: signed(8n),
  int16: signed(16n),
  int32: signed(32n),
  int64: signed(64n),
  uint8: [0n, 255n],
  uint16: [0n, 65_535n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

function isWithin(value: unknown, [low, high]: Range): boolean {
  if (typeof value === 'boolean') return true;
  return (typeof value === 'number' || typeof value === 'bigint') && value >= low && value <= high;
}

function maskOf(values: readonly unknown[]): Uint8Array | null {
  if (!values.includes(null)) return null;
  const mask = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, row) => {
    if (value !== null) mask[row >> 3] = (mask[row >> 3] ?? 0) | (1 << (row & 7));
  });
  return mask;
}
