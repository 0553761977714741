import type { Manifest, ManifestQuality, Plan, ShardFailure } from '@shardmill/core';
import type { RegisteredRun } from '@shardmill/scheduler';
import type { EvaluationDocument } from '../documents/evaluation-schema.js';
import type { ReportDrift, ReportProfile } from '../documents/report-schema.js';
import type { RecordSummary } from './record-summary.js';

/** All that was read of a run, before anything is made of it. */
export interface RunFacts {
  readonly output: string;
  /** Null where a manifest lies apart from the rest of its run. */
  readonly plan: Plan | null;
  /** Null where the run has not finished. */
  readonly manifest: Manifest | null;
  readonly records: RecordSummary;
  /** Shards that failed for good, in all rounds. */
  readonly failures: readonly ShardFailure[];
  /** The log of a run of a fleet. */
  readonly run: RegisteredRun | null;
  readonly examples: RejectedExamples;
  /** Null where none was stored. */
  readonly profile: ReportProfile | null;
  /** Null where the job has no baseline, or the run has not come so far. */
  readonly drift: ReportDrift | null;
  /** Those that were saved, the latest first. */
  readonly evaluations: readonly EvaluationDocument[];
  /** What its checks came to; undefined where it has none, or they were not evaluated. */
  readonly quality: ManifestQuality | undefined;
}

/** Rejected rows with their values. */
export interface RejectedExamples {
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly reason: string;
    readonly values: readonly (string | null)[];
  }[];
  /** Why there are none. */
  readonly missing: string | null;
}

export const NO_EXAMPLES: RejectedExamples = { columns: [], rows: [], missing: null };
