import { type TensorType, tensorTypes } from '@shardmill/core';
import type { NumberArray } from '../duckdb/raw-vector.js';

/** How a tensor's elements look in SQL and in memory. */
interface NumericType {
  readonly sql: string;
  /** Makes the array that ONNX Runtime takes for this type. */
  readonly array: (length: number) => NumberArray;
}

const TYPES: Record<Exclude<TensorType, 'string'>, NumericType> = {
  float32: { sql: 'FLOAT', array: (n) => new Float32Array(n) },
  float64: { sql: 'DOUBLE', array: (n) => new Float64Array(n) },
  float16: { sql: 'FLOAT', array: (n) => new Uint16Array(n) },
  int8: { sql: 'TINYINT', array: (n) => new Int8Array(n) },
  uint8: { sql: 'UTINYINT', array: (n) => new Uint8Array(n) },
  int16: { sql: 'SMALLINT', array: (n) => new Int16Array(n) },
  uint16: { sql: 'USMALLINT', array: (n) => new Uint16Array(n) },
  int32: { sql: 'INTEGER', array: (n) => new Int32Array(n) },
  int64: { sql: 'BIGINT', array: (n) => new BigInt64Array(n) },
  uint32: { sql: 'UINTEGER', array: (n) => new Uint32Array(n) },
  uint64: { sql: 'UBIGINT', array: (n) => new BigUint64Array(n) },
  bool: { sql: 'BOOLEAN', array: (n) => new Uint8Array(n) },
};

export type TensorData = NumberArray | string[];

/** The SQL type whose values fill such a tensor, or that such a tensor's values become. */
export function sqlTypeOf(type: TensorType): string {
  return type === 'string' ? 'VARCHAR' : TYPES[type].sql;
}

export function newTensorData(type: TensorType, length: number): TensorData {
  return type === 'string' ? Array.from({ length }, () => '') : TYPES[type].array(length);
}

export function isTensorType(type: string): type is TensorType {
  return (tensorTypes as readonly string[]).includes(type);
}

/** Bytes per element; a string counts as a pointer with a short text. */
export function elementBytes(type: TensorType): number {
  return type === 'string' ? 32 : TYPES[type].array(0).BYTES_PER_ELEMENT;
}
