export { shapeText } from './bind/bind-features.js';
export { defaultCacheFolder } from './cache-folder.js';
export type { ComparedColumn, ScoreComparison } from './compare/compare-scores.js';
export { pairColumns } from './compare/pair-columns.js';
export type { EngineOptions, EngineStart } from './engine/engine-options.js';
export type { LaneSettings, OpenedRun } from './engine/protocol.js';
export type { ProviderReport } from './infer/probe-providers.js';
export type { ColumnDescription, ParquetDescription } from './inspect/inspect-parquet.js';
export type { PartProgress, RunSettings } from './score/scorer.js';
export { EngineProcess } from './supervisor/engine-process.js';
export { filteredEnvironment, ownEnvironment } from './supervisor/engine-environment.js';
export {
  limitPlanning,
  type PlanningLimits,
  type PlanningProcess,
} from './supervisor/limit-planning.js';
export { EngineSlot, type EngineSlotOptions } from './supervisor/engine-slot.js';
export { makeWorkFolder } from './stage/work-folder.js';
export { describeShrunkCalls, type ShrunkCalls } from './supervisor/shrink-calls.js';
export { openRunFolders, type RunFolders } from './supervisor/run-folders.js';
export { featureRowBytes } from './bind/bind-features.js';
export { runtimeVersions } from './runtime-versions.js';
export {
  chooseResources,
  engineCount,
  type Machine,
  type ResourceOptions,
  type Resources,
  thisMachine,
} from './supervisor/choose-resources.js';
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
} from './service/decide-outcome.js';
export type { RunLog } from './service/logged-runs.js';
export type { Logger } from './service/logger.js';
export type { ScoreShard, ShardEnd, ShardToScore, ShardWorld } from './service/shard-world.js';
export { type FoundShard, type PlanSource, StoredPlans } from './service/stored-plans.js';
export { ShardWorker } from './service/work-shard.js';
export type { WorkerIdentity, WorkerServiceOptions } from './service/worker-options.js';
