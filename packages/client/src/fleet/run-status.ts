import { failuresPrefix, type ShardFailure } from '@shardmill/core';
import type { RunView } from '@shardmill/queue';
import { attemptRound, type RegisteredRun } from '@shardmill/scheduler';
import type { Fleet } from './fleet.js';
import { listFailures } from './list-failures.js';
import { type RunSnapshot, standstill } from './run-snapshot.js';
import { RunObserver } from './run-observer.js';

/** Failed shards whose attempts are listed. */
const MAX_FAILURES = 3;

/** A run as it was seen once. */
export interface SeenRun {
  readonly run: RegisteredRun;
  readonly snapshot: RunSnapshot;
  /** The first few shards that failed for good. */
  readonly failures: readonly ShardFailure[];
  /** Where all of them are stored. */
  readonly failuresAt: string | undefined;
}

/** How a run stands: `shardmill status --json`. */
export interface RunStatus extends RunView {
  /** `scheduler`: reported through Redis just now; `objects`: made out from the stores. */
  readonly seen: RunSnapshot['from'];
  readonly redis: 'answers' | 'away';
  /** Why nothing moves; null where it moves or has ended. */
  readonly waiting: string | null;
  /** How often it was resumed or retried. */
  readonly round: number;
  /** The run key of its submission. */
  readonly key: string | null;
  readonly submittedBy: string;
  readonly failures: readonly ShardFailure[];
  readonly failuresAt: string | null;
}

/** Reads the state of a run once, also without Redis. @throws RUN_NOT_FOUND, STORE_… */
export async function runStatus(fleet: Fleet, reference: string): Promise<SeenRun> {
  const observer = new RunObserver(fleet, await fleet.find(reference));
  const snapshot = await observer.observe();
  const { run } = observer;
  const store = fleet.stores.open(run.request.job.output.uri);
  const failures = snapshot.view.shards.failed > 0 ? await failuresOf(fleet, run) : [];
  const at = failuresPrefix(run.planRun ?? run.request.run, attemptRound(run));
  return {
    run,
    snapshot,
    failures,
    failuresAt: failures.length > 0 ? store.locate(at) : undefined,
  };
}

/** The first few shards of a run that failed for good in its last round. */
export function failuresOf(fleet: Fleet, run: RegisteredRun): Promise<ShardFailure[]> {
  const store = fleet.stores.open(run.request.job.output.uri);
  return listFailures(store, run.planRun ?? run.request.run, attemptRound(run), MAX_FAILURES);
}

export function statusDocument({ run, snapshot, failures, failuresAt }: SeenRun): RunStatus {
  return {
    ...snapshot.view,
    seen: snapshot.from,
    redis: snapshot.processes === undefined ? 'away' : 'answers',
    waiting: standstill(snapshot) ?? null,
    round: run.round,
    key: run.request.key,
    submittedBy: run.request.submittedBy,
    failures,
    failuresAt: failuresAt ?? null,
  };
}
