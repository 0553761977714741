import type { QueryProfile, Stores, WriteCheckpoint } from '@shardmill/core';
import type { FleetEvents, Presence, RunViews, ShardQueue } from '@shardmill/queue';
import type { Registry } from 'prom-client';
import type { ReadCheckpoint } from '../../delta/log/read-snapshot.js';
import type { LineageOptions } from '../../lineage/lineage-options.js';
import type { NotifySettings } from '../../notify/receiver.js';
import type { JobRules } from '../../plan/job-rules.js';
import type { PinnedReleases } from '../../models/resolve-model.js';
import type { MadePlan } from '../../plan/make-plan.js';
import type { RunRegistry } from '../../state/run-registry.js';
import type { RunRequest } from '../../state/run-request.js';
import type { InputFacts } from '../../wait/decide-wait.js';
import type { Clock } from './clock.js';
import type { Logger } from '@shardmill/core';

export interface SchedulerServiceOptions {
  readonly registry: RunRegistry;
  /** Stay the caller's, as do queues, events, presence and views: close them after the service. */
  readonly stores: Stores;
  /** Opens the queue of a pool; called once for each pool. */
  readonly queue: (pool: string) => ShardQueue;
  readonly events: FleetEvents;
  readonly presence: Presence;
  readonly views: RunViews;
  /** How a request becomes a plan: in processes of its own, since a submitter says what it reads. */
  readonly makePlan: MakeRunPlan;
  /** Checks the input of a run that waits for it: a submitter says what that reads, too. */
  readonly checkInput: CheckRunInput;
  /** Reads checkpoints of tables that runs write; where left out, such tables are refused. */
  readonly readCheckpoint?: ReadCheckpoint | undefined;
  /** Writes checkpoints of such tables; none are where it is left out. */
  readonly writeCheckpoint?: WriteCheckpoint | undefined;
  /** Runs the SQL of checks, apart from this process: a submitter says what it does. */
  readonly queryProfile?: QueryProfile | undefined;
  readonly identity: SchedulerIdentity;
  readonly log: Logger;
  /** Versions of what makes the results, for manifests. */
  readonly versions: Readonly<Record<string, string>>;
  /** Where metrics are kept; a registry of its own where left out. */
  readonly metrics?: Registry | undefined;
  /** The system's where left out. */
  readonly clock?: Clock | undefined;
  /** From 0 up to, but not including, 1; `Math.random` where left out. */
  readonly random?: (() => number) | undefined;
  readonly settings?: Partial<SchedulerSettings> | undefined;
  /** What the configuration demands of jobs. */
  readonly rules?: JobRules | undefined;
  /** Who is notified of the ends of runs, besides the receivers of jobs; none where left out. */
  readonly notify?: SchedulerNotify | undefined;
  /** Where events of lineage go; none are sent where left out. */
  readonly lineage?: LineageOptions | undefined;
}

export interface SchedulerNotify extends Pick<NotifySettings, 'receivers' | 'env'> {
  /** Of one request; 10 s where left out. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Plans a request whose job names the model by its location; the signal is aborted when the plan is not
 * needed any more.
 * @param release the version of the model registry that this is.
 */
export type MakeRunPlan = (
  request: RunRequest,
  signal: AbortSignal,
  releases: PinnedReleases,
) => Promise<MadePlan>;

/** Checks the input once; the signal is aborted when the result is not needed any more. */
export type CheckRunInput = (request: RunRequest, signal: AbortSignal) => Promise<InputFacts>;

export interface SchedulerIdentity {
  /** `<host>-<pid>-<random>`: another one after each start. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
}

export interface SchedulerSettings {
  /** How often what should be is compared with what is. Default 5 s. */
  readonly intervalMs: number;
  /** How often all records of a run are listed anew, at least. Default 60 s. */
  readonly relistMs: number;
  /** How often views and presence are published, while something changes. Default 1 s. */
  readonly viewMs: number;
  /** Shards in the queue for each that the pool's workers can work at once. Default 2. */
  readonly windowPerWorker: number;
  /** Shards of a pool in the queue at least. Default 16. */
  readonly smallestWindow: number;
  /** Runs that are planned at once, all but one of them at most of one submitter. Default 3. */
  readonly plansAtOnce: number;
  /** Inputs of waiting runs that are checked at once, as with `plansAtOnce`. Default 4. */
  readonly checksAtOnce: number;
  /** How long a finished run is watched, in case a late process deletes its `_SUCCESS`. Default 60 s. */
  readonly settleMs: number;
}

/** Whether a scheduler can do its work, and what prevents it. */
export interface Readiness {
  readonly ready: boolean;
  readonly problems: readonly string[];
}
