import { createRequire } from 'node:module';

/**
 * DuckDB by `require`. By `import`, Node reads each of its two hundred files once more beforehand, to
 * find the names that they export, and every engine starts a good deal later.
 */
const require = createRequire(import.meta.url);
const api: typeof import('@duckdb/node-api') = require('@duckdb/node-api');
export const duckdb: typeof import('@duckdb/node-bindings') = require('@duckdb/node-bindings');

export const {
  ARRAY,
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBMapValue,
  DuckDBScalarFunction,
  DuckDBStructType,
  FLOAT,
  INTEGER,
  LIST,
  SMALLINT,
  StatementType,
  TINYINT,
  UBIGINT,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
} = api;
