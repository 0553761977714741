import { requirePrice, type RunLimits } from '@shardmill/core';
import type { RegisteredRun } from '@shardmill/scheduler';
import { jobRules } from '../config/connection-options.js';
import { whoAmI } from '../identity.js';
import type { Fleet } from './fleet.js';

export interface ChangedRun {
  readonly run: RegisteredRun;
  /** Whether the schedulers were notified; without Redis they find out by themselves. */
  readonly announced: boolean;
}

/** Requests that a run is cancelled. @throws RUN_NOT_FOUND, RUN_STATE */
export async function cancelRun(fleet: Fleet, reference: string): Promise<ChangedRun> {
  const { run } = (await fleet.find(reference)).request;
  const cancelled = await fleet.registry.cancel(run, whoAmI(), new Date());
  return { run: cancelled, announced: await announced(fleet, run) };
}

export interface ReopenRequest {
  /** Ends after which the run may go on. */
  readonly of: 'failed' | 'failed-or-cancelled';
  readonly maxRejectedRows?: string | number | undefined;
  /** Limits from now on; those that are left out stay as they were. */
  readonly limits?: RunLimits | undefined;
}

/** Begins another round of a run: what has no record is tried again. @throws RUN_NOT_FOUND, RUN_STATE, PRICE_MISSING */
export async function reopenRun(
  fleet: Fleet,
  reference: string,
  { of, maxRejectedRows, limits }: ReopenRequest,
): Promise<ChangedRun> {
  const { run, job } = (await fleet.find(reference)).request;
  requirePrice(limits, jobRules(fleet.settings).prices, job.resources.pool);
  const options = { by: whoAmI(), now: new Date(), maxRejectedRows, limits, of };
  const reopened = await fleet.registry.reopen(run, options);
  return { run: reopened, announced: await announced(fleet, run) };
}

const announced = (fleet: Fleet, run: string): Promise<boolean> =>
  fleet.announce(run).then(
    () => true,
    () => false,
  );
