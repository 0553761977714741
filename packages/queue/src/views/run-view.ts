import type { ErrorRecord, RunUsage } from '@shardmill/core';
import type { ModelCalls } from '../events/fleet-events.js';

/**
 * `waiting`, `submitted` and `planning` have no plan yet. The last four are ends, of which `resume`
 * may reopen all but `finished`.
 */
export type RunState =
  | 'waiting'
  | 'submitted'
  | 'planning'
  | 'running'
  | 'finalizing'
  | 'cancelling'
  | 'finished'
  | 'failed'
  | 'cancelled'
  | 'skipped';

/** A run as it is now: what `status` and `watch` show. Rows of shards that are being worked on count. */
export interface RunView {
  readonly run: string;
  readonly job: string;
  readonly state: RunState;
  readonly pool: string;
  readonly output: string;
  readonly planRun: string | null;
  readonly submittedAt: string;
  readonly endedAt: string | null;
  /** When this was written; milliseconds since 1970. */
  readonly at: number;
  readonly rowsPlanned: number;
  readonly rowsDone: number;
  readonly rowsScored: number;
  readonly rowsRejected: number;
  readonly rowsFiltered: number;
  readonly shards: ShardCounts;
  readonly retries: number;
  /** What it has used so far, in-flight shards included; null before it is planned. */
  readonly usage: RunUsage | null;
  /** That engines had no room; null where all had. */
  readonly memory: MemoryShortage | null;
  /** Workers that have an in-flight shard of this run. */
  readonly workers: number;
  readonly error: ErrorRecord | null;
  /** Why nothing happens, where that is so: no worker of its pool is there, another run is first. */
  readonly notice: string | null;
  /** What a run in the state `waiting` waits for. */
  readonly inputWait: InputWait | null;
}

/** How often engines of a run had no room, and how the model is called since. */
export interface MemoryShortage extends ModelCalls {
  readonly times: number;
}

/** What a run waits for before it is planned (`input.waitFor`). */
export interface InputWait {
  /** In a few words each; all of them must hold. */
  readonly conditions: readonly string[];
  readonly since: string;
  /** When it is waited for no longer, and what then happens. */
  readonly until: string;
  readonly onTimeout: 'fail' | 'skip' | 'run';
  /** What was missing at the last look; null where that is not known. */
  readonly lacks: readonly string[] | null;
  readonly lookedAt: string | null;
}

export interface ShardCounts {
  readonly planned: number;
  readonly done: number;
  readonly failed: number;
  readonly active: number;
  /** Shards in the queue or not yet in it. */
  readonly waiting: number;
  /** Waiting for their next attempt. */
  readonly delayed: number;
}

/** Views of runs, kept for a while for processes that show them; the truth is in the stores. */
export interface RunViews {
  /** A failure is swallowed. */
  put(view: RunView): Promise<void>;
  /** @throws REDIS_UNREACHABLE */
  get(run: string): Promise<RunView | undefined>;
  close(): Promise<void>;
}
