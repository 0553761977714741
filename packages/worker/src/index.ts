export { defaultCacheFolder } from './stage/cache-folder.js';
export type { ComparedColumn, ScoreComparison } from './compare/compare-scores.js';
export type { ScorerDescription } from './inspect/describe-scorer.js';
export { checkFooters } from './inspect/check-footers.js';
export { compareTypes, pairColumns } from './compare/pair-columns.js';
export type { EvaluationRequest } from './evaluate/evaluation-request.js';
export type { EngineStart } from './engine/engine-options.js';
export type { ProviderReport } from './onnx/probe-providers.js';
export type { ParquetDescription } from './inspect/inspect-parquet.js';
export type { RejectedSample } from './inspect/sample-rejected.js';
export type { PartProgress } from './part/part-progress.js';
export {
  EngineProcess,
  limitPlanning,
  type PlanningLimits,
  type PlanningProcess,
} from './engine-process/index.js';
export { filteredEnvironment, ownEnvironment } from './engine-process/engine-environment.js';
export type { ProfileParquetRequest } from './profile/write-profile-parquet.js';
export { EnginePool } from './pool/engine-pool.js';
export { engineSettings } from './pool/engine-settings.js';
export { singlePassSetting } from './part/single-pass/setting.js';
export { SHARDS_PER_ENGINE } from './pool/place-shards.js';
export { hashModelFile } from './model/model-files.js';
export { makeWorkFolder } from './stage/work-folder.js';
export { describeShrunkCalls, type ShrunkCalls } from './pool/shrink-calls.js';
export { runtimeVersions } from './runtime-versions.js';
export { chooseResources, thisMachine } from './pool/choose-resources.js';
export type { Notice, NoticeSource } from './interruption/notice.js';
export { noticeSource } from './interruption/notice-source.js';
export type { RunLog } from './shard/logged-runs.js';
export type { ScoreShard, ShardEnd, ShardToScore } from './shard/shard-worker-context.js';
export { type FoundShard, type PlanSource, StoredPlans } from './shard/stored-plans.js';
export { ShardWorker } from './shard/shard-worker.js';
export type { WorkerServiceOptions } from './service/worker-options.js';
