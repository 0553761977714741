import type {
  BindRequest,
  BoundJob,
  CheckpointRequest,
  Column,
  ErrorRecord,
  Evaluation,
  ExecutionProvider,
  InputFile,
  ModelDescription,
  PlannedShard,
  ProfileAnswer,
  ProfileQuery,
  ProfileState,
  ShardRecord,
  WrittenCheckpoint,
} from '@shardmill/core';
import type { EvaluationRequest } from '../evaluate/evaluation-request.js';
import type { ComparisonRequest, ScoreComparison } from '../compare/compare-scores.js';
import type { ScorerDescription, ScorerRequest } from '../inspect/describe-scorer.js';
import type { ProviderReport } from '../onnx/probe-providers.js';
import type { ParquetDescription } from '../inspect/inspect-parquet.js';
import type { RejectedSample } from '../inspect/sample-rejected.js';
import type { DatasetShardRequest } from '../profile/profile-dataset.js';
import type { ProfileParquetRequest } from '../profile/write-profile-parquet.js';
import type { PartProgress } from '../part/part-progress.js';
import type { RunSettings } from '../part/run-settings.js';

/** What the supervisor may ask of an engine process: arguments and answer by method. */
export interface EngineMethods {
  describeInput: { argument: { file: InputFile }; answer: Column[] };
  readCheckpoint: { argument: { file: InputFile }; answer: string[] };
  writeCheckpoint: { argument: CheckpointRequest; answer: WrittenCheckpoint };
  bindJob: { argument: BindRequest; answer: BoundJob };
  inspectModel: { argument: { location: string }; answer: ModelDescription };
  describeScorer: { argument: ScorerRequest; answer: ScorerDescription };
  inspectParquet: { argument: { files: readonly InputFile[] }; answer: ParquetDescription };
  sampleRejected: { argument: { file: InputFile }; answer: RejectedSample };
  inspectProviders: { argument: null; answer: ProviderReport[] };
  compareScores: { argument: ComparisonRequest; answer: ScoreComparison };
  evaluateScores: { argument: EvaluationRequest; answer: Evaluation };
  queryProfile: { argument: ProfileQuery; answer: ProfileAnswer };
  profileDataset: { argument: DatasetShardRequest; answer: ProfileState };
  writeProfileParquet: { argument: ProfileParquetRequest; answer: null };
  openRun: { argument: RunSettings & LaneSettings; answer: OpenedRun };
  scoreShard: { argument: PlannedShard; answer: ShardRecord };
  /** Has `scoreShard` of this shard reject with INTERRUPTED, soon. */
  cancelShard: { argument: { shard: number }; answer: null };
  /** No part begins any more in the open run: `scoreShard` ends after the parts that have begun. */
  finishParts: { argument: null; answer: null };
}
export type EngineMethod = keyof EngineMethods;

export interface LaneSettings {
  readonly lanes: number;
  /** Instead of `lanes` where a device computes, whose memory they share. */
  readonly deviceLanes: number;
  readonly threadsPerLane: number;
  /** Whether one lane with all threads may do instead, where that is measured to be faster. */
  readonly tuneThreads: boolean;
  /** Execution providers of ONNX Runtime, in the order of preference. */
  readonly executionProviders: readonly ExecutionProvider[];
  /** Resident bytes of the process at which it is stopped. */
  readonly memoryLimitBytes: number;
  /** The most rows of one call, after an engine had no room for more; all of a batch where left out. */
  readonly maxCallRows?: number | undefined;
  /** Whether generated code may score tree ensembles. */
  readonly treeKernel: 'auto' | 'off';
}

/** What a run got of what its settings asked for. */
export interface OpenedRun {
  /** Providers in use, the preferred one first; with `cpu` where some of the model is left to it. */
  readonly providers: readonly ExecutionProvider[];
  readonly lanes: number;
  /** Sentences on what is not as requested; empty where all is. */
  readonly notices: readonly string[];
}

export interface EngineRequest<M extends EngineMethod = EngineMethod> {
  readonly id: number;
  readonly method: M;
  readonly argument: EngineMethods[M]['argument'];
}

export type EngineMessage =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: ErrorRecord }
  /** A store does not answer, and is asked again. */
  | { readonly kind: 'waiting'; readonly message: string }
  /** A sentence on something that is not as requested. */
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'progress'; readonly progress: PartProgress }
  /** Whether a call of the tokenizer takes unusually long at the moment. */
  | { readonly kind: 'slowTokenizer'; readonly slow: boolean }
  /** Rows of one call of the model, from now on. */
  | { readonly kind: 'calls'; readonly rows: number };
