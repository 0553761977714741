import { InvariantError } from '@shardmill/core';
import type { RunState, RunView } from '@shardmill/queue';
import type { AcceptOptions } from '../accept/accept-fleet-run.js';
import { cancelRun, reopenRun } from '../fleet/change-run.js';
import type { Fleet } from '../fleet/fleet.js';
import { endOfRun, type FinishedRun } from '../fleet/run-end.js';
import { type RunStatus, runStatus, statusDocument } from '../fleet/run-status.js';
import { limitsOf } from '../prepare-job.js';
import { watchRun } from '../fleet/watch-run.js';

export interface ReopenOptions {
  /** Rows that may be rejected from now on: 100, or `0.1%`. */
  readonly maxRejectedRows?: string | number | undefined;
  /** Limits from now on: `2h`, 12.5; what they were where left out. */
  readonly maxDuration?: string | undefined;
  readonly maxCost?: number | undefined;
}

/** What happens to a run, as `events` gives it. */
export type RunEvent =
  /** The run's state or its counts have changed. */
  | { readonly kind: 'progress'; readonly view: RunView }
  /** Something that a person should know, such as a store that does not answer for a while. */
  | { readonly kind: 'notice'; readonly message: string }
  /** The last one: `finished`, `failed`, `cancelled` or `skipped`. */
  | { readonly kind: 'ended'; readonly state: RunState };

/** A run of a fleet. It goes on whether or not this program does. */
export interface RunHandle {
  readonly id: string;
  /** Whether the run was there before: another submission with the same key, or a run looked up. */
  readonly attached: boolean;
  /** How it stands now, also without Redis. @throws STORE_… */
  status(): Promise<RunStatus>;
  /**
   * Waits for the end. Redis or a store that does not answer for a while is waited for.
   * @throws the error with which the run failed; RUN_CANCELLED; RUN_SKIPPED; INTERRUPTED where
   * `signal` was aborted, which leaves the run alone
   */
  wait(options?: { readonly signal?: AbortSignal | undefined }): Promise<FinishedRun>;
  /** Requests that it stops; what is done is kept. @throws RUN_STATE where it has ended */
  cancel(): Promise<void>;
  /** Goes on with it after it failed, was cancelled or skipped. @throws RUN_STATE */
  resume(options?: ReopenOptions): Promise<void>;
  /** Tries the failed shards again. @throws RUN_STATE where it has not failed */
  retry(options?: ReopenOptions): Promise<void>;
  /**
   * Publishes it after it ended by its checks: who, when and why is recorded, and nothing is scored.
   * @throws RUN_STATE where it did not end so, RUN_ACCEPTED where another person was first
   */
  accept(options: AcceptOptions): Promise<void>;
  /** What happens from now on, until the end. @throws as `wait`, but not for how the run ends */
  events(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<RunEvent>;
}

export function openRun(fleet: Fleet, id: string, attached: boolean): RunHandle {
  const reopen = async (
    of: 'failed' | 'failed-or-cancelled',
    { maxRejectedRows, maxDuration, maxCost }: ReopenOptions = {},
  ): Promise<void> => {
    const limits = limitsOf({ maxDuration, maxCost });
    await reopenRun(fleet, id, { of, maxRejectedRows, limits });
  };
  return {
    id,
    attached,
    status: async () => statusDocument(await runStatus(fleet, id)),
    async wait({ signal } = {}) {
      for await (const event of watchRun(fleet, await fleet.find(id), { signal })) {
        if (event.kind === 'ended') return endOfRun(fleet, event.run);
      }
      throw new InvariantError('the watch of a run ended before the run');
    },
    async cancel() {
      await cancelRun(fleet, id);
    },
    resume: (options) => reopen('failed-or-cancelled', options),
    retry: (options) => reopen('failed', options),
    async accept(options) {
      const { acceptFleetRun } = await import('../accept/accept-fleet-run.js');
      await acceptFleetRun(fleet, id, options);
    },
    events: ({ signal } = {}) => runEvents(fleet, id, signal),
  };
}

async function* runEvents(
  fleet: Fleet,
  id: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<RunEvent> {
  let last = '';
  for await (const event of watchRun(fleet, await fleet.find(id), { signal })) {
    if (event.kind === 'ended') {
      yield { kind: 'ended', state: event.run.phase };
    } else if (event.kind === 'notice') {
      yield event;
    } else {
      const { view } = event.snapshot;
      // `at` changes with every snapshot.
      const seen = JSON.stringify({ ...view, at: 0 });
      if (seen !== last) yield { kind: 'progress', view };
      last = seen;
    }
  }
}
