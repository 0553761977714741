export { shapeText } from './bind/bind-features.js';
export type { LaneSettings } from './engine/protocol.js';
export type { ColumnDescription, ParquetDescription } from './inspect/inspect-parquet.js';
export type { PartProgress, RunSettings } from './score/scorer.js';
export { EngineProcess } from './supervisor/engine-process.js';
export { EngineSlot, type EngineSlotOptions } from './supervisor/engine-slot.js';
export { featureRowBytes } from './bind/bind-features.js';
export { runtimeVersions } from './runtime-versions.js';
