/**
 * The API of the package `shardmill`: docs/node-api.md. Importing it is cheap: what a call needs is
 * loaded when it is made.
 */
export { accept, type AcceptLocalOptions } from './api/accept.js';
export { openFleet, type FleetClient, type OpenFleetOptions } from './api/open-fleet.js';
export type { FleetSchedules } from './api/fleet-schedules.js';
export { evaluate, type EvaluateOptions } from './api/evaluate.js';
export type { JobOptions, JobSource } from './api/job-source.js';
export { type JobPlan, plan, validate, type Validation } from './api/plan.js';
export { readManifest, type ReadManifestOptions } from './api/read-manifest.js';
export { run, type RunOptions } from './api/run.js';
export type { ReopenOptions, RunEvent, RunHandle } from './api/run-handle.js';
export type { AcceptOptions } from './accept/accept-fleet-run.js';
export type { EvaluationDocument } from './documents/evaluation-schema.js';
export type { SubmitOptions } from './fleet/submit-run.js';
export type { ListedRun } from './fleet/list-run.js';
export type { FinishedRun } from './fleet/run-end.js';
export type { RunStatus } from './fleet/run-status.js';
export type { RunProgress, RunResult } from './local-run/run-types.js';
export type { OutputCheck } from './check-output.js';
export type {
  ListedSchedule,
  ListedTick,
  ScheduleOptions,
  ScheduleState,
  SetSchedule,
  ShownSchedule,
  SyncedSchedule,
  SyncOptions,
  TriggeredTick,
  TriggerOptions,
} from './schedules/index.js';
export {
  type ConfigDefinition,
  defineConfig,
  defineJob,
  type ErrorCode,
  type Feature,
  type Job,
  type JobDefinition,
  type JobParameter,
  type Manifest,
  type Plan,
  ShardmillError,
  type TransformFunction,
} from '@shardmill/core';
