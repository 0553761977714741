export { shapeText } from './onnx/shape-text.js';
export { defaultCacheFolder } from './stage/cache-folder.js';
export type { ComparedColumn, ScoreComparison } from './compare/compare-scores.js';
export { pairColumns } from './compare/pair-columns.js';
export type { EngineOptions, EngineStart } from './engine/engine-options.js';
export type { LaneSettings, OpenedRun } from './engine/protocol.js';
export type { ProviderReport } from './onnx/probe-providers.js';
export type { ColumnDescription, ParquetDescription } from './inspect/inspect-parquet.js';
export type { PartProgress } from './part/part-progress.js';
export type { RunSettings } from './part/run-settings.js';
export { EngineProcess } from './engine-process/engine-process.js';
export { filteredEnvironment } from './engine-process/engine-environment.js';
export {
  limitPlanning,
  type PlanningLimits,
  type PlanningProcess,
} from './engine-process/limit-planning.js';
export { EngineSlot, type EngineSlotOptions } from './pool/engine-slot.js';
export { makeWorkFolder } from './stage/work-folder.js';
export { describeShrunkCalls, type ShrunkCalls } from './pool/shrink-calls.js';
export { openRunFolders, type RunFolders } from './pool/run-folders.js';
export { featureRowBytes } from './onnx/row-bytes.js';
export { runtimeVersions } from './runtime-versions.js';
export {
  chooseResources,
  engineCount,
  type Machine,
  type ResourceOptions,
  type Resources,
  thisMachine,
} from './pool/choose-resources.js';
export type { Notice, NoticeOptions, NoticeSource } from './interruption/notice.js';
export {
  NOTICE_SOURCES,
  noticeSource,
  type NoticeSourceName,
} from './interruption/notice-source.js';
export {
  type Decision,
  decideOutcome,
  diskDelayMs,
  type EndedAttempt,
} from './shard/decide-outcome.js';
export type { RunLog } from './shard/logged-runs.js';
export type { ScoreShard, ShardEnd, ShardToScore, ShardWorld } from './shard/shard-world.js';
export { type FoundShard, type PlanSource, StoredPlans } from './shard/stored-plans.js';
export { ShardWorker } from './shard/work-shard.js';
export type { WorkerIdentity, WorkerServiceOptions } from './service/worker-options.js';
