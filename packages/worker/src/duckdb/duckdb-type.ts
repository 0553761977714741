import type { DuckDBType } from '@duckdb/node-api';
import type { TensorType } from '@shardmill/core';
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  FLOAT,
  INTEGER,
  SMALLINT,
  TINYINT,
  UBIGINT,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
} from './node-api.js';

/** DuckDB's type for the elements of a tensor; half floats are floats there. */
export function duckdbTypeOf(type: TensorType): DuckDBType {
  return TYPES[type];
}

const TYPES: Record<TensorType, DuckDBType> = {
  float32: FLOAT,
  float16: FLOAT,
  float64: DOUBLE,
  int8: TINYINT,
  uint8: UTINYINT,
  int16: SMALLINT,
  uint16: USMALLINT,
  int32: INTEGER,
  int64: BIGINT,
  uint32: UINTEGER,
  uint64: UBIGINT,
  bool: BOOLEAN,
  string: VARCHAR,
};
