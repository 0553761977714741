export { CODECS, type Codec } from './compress.js';
export * from './encode-values.js';
export type { Logical, SchemaNode } from './schema.js';
export * from './thrift-writer.js';
export * from './write-parquet-bytes.js';
