export { shapeText } from './bind/bind-features.js';
export type { LaneSettings } from './engine/protocol.js';
export type { ColumnDescription, ParquetDescription } from './inspect/inspect-parquet.js';
export type { PartProgress, RunSettings } from './score/scorer.js';
export { EngineProcess, type EngineOptions } from './supervisor/engine-process.js';
