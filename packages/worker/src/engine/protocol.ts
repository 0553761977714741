import type {
  BindRequest,
  BoundJob,
  Column,
  ErrorRecord,
  ModelDescription,
  PlannedShard,
  ShardRecord,
} from '@shardmill/core';
import type { ParquetDescription } from '../inspect/inspect-parquet.js';
import type { PartProgress, RunSettings } from '../score/scorer.js';

/** What the supervisor may ask of an engine process: arguments and answer by method. */
export interface EngineMethods {
  describeInput: { argument: { path: string }; answer: Column[] };
  bindJob: { argument: BindRequest; answer: BoundJob };
  inspectModel: { argument: { path: string }; answer: ModelDescription };
  inspectParquet: { argument: { paths: string[] }; answer: ParquetDescription };
  openRun: { argument: RunSettings & LaneSettings; answer: null };
  scoreShard: { argument: PlannedShard; answer: ShardRecord };
}
export type EngineMethod = keyof EngineMethods;

export interface LaneSettings {
  readonly lanes: number;
  readonly threadsPerLane: number;
}

export interface EngineRequest<M extends EngineMethod = EngineMethod> {
  readonly id: number;
  readonly method: M;
  readonly argument: EngineMethods[M]['argument'];
}

export type EngineMessage =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: ErrorRecord }
  | { readonly kind: 'progress'; readonly progress: PartProgress };
