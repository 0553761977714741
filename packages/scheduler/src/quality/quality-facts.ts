import type {
  KeyState,
  OutputStatistics,
  Plan,
  Profile,
  QualityOutcome,
  QueryProfile,
  RowCounts,
} from '@shardmill/core';
import type { PastRun } from './history/past-run.js';

/** What is known of a run of which all rows are accounted for, before its result is published. */
export interface QualityFacts {
  readonly plan: Plan;
  /** Of the whole run: rows that statistics ruled out are read and filtered. */
  readonly rows: RowCounts;
  /** Of all output columns. */
  readonly statistics: Readonly<Record<string, OutputStatistics>>;
  /** Undefined where the run has none: a worker of an earlier version scored a part of it. */
  readonly profile: Profile | undefined;
  /** Of the keys of checks; undefined where not all workers counted them. */
  readonly keys: readonly KeyState[] | undefined;
  /** Runs the SQL of checks. */
  readonly queryProfile: QueryProfile | undefined;
  /** Finished runs of the same job, the latest first; read where it is called. */
  readonly history: () => Promise<readonly PastRun[]>;
}

/**
 * One of the things by which a result is judged. All of them end a run and are shown in the same way. One that
 * has nothing to say of a run returns no outcome.
 */
export type QualitySource = (facts: QualityFacts) => Promise<readonly QualityOutcome[]>;
