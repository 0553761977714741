import { type Acceptance, ShardmillError } from '@shardmill/core';
import {
  acceptedByAnother,
  acceptRun,
  findAcceptance,
  notByChecks,
  type RegisteredRun,
} from '@shardmill/scheduler';
import { whoAmI } from '../identity.js';
import type { Fleet } from '../fleet/fleet.js';

export interface AcceptOptions {
  readonly reason: string;
  /** Who accepts it; the user of this machine where left out. */
  readonly by?: string | undefined;
}

export interface AcceptedFleetRun {
  readonly run: RegisteredRun;
  readonly acceptance: Acceptance;
  /** Whether the schedulers were notified; without Redis they find out by themselves. */
  readonly announced: boolean;
}

/**
 * Accepts a run of a fleet that ended by its checks: notes who, when and why at its output, and has the
 * schedulers finish it, which scores nothing.
 * @throws RUN_NOT_FOUND, RUN_STATE, RUN_ACCEPTED, USAGE, STORE_…
 */
export async function acceptFleetRun(
  fleet: Pick<Fleet, 'find' | 'registry' | 'stores' | 'announce'>,
  reference: string,
  { reason, by = whoAmI() }: AcceptOptions,
): Promise<AcceptedFleetRun> {
  const seen = await fleet.find(reference);
  const { run: id, job } = seen.request;
  const { uri } = job.output;
  const planRun = seen.planRun ?? id;
  const store = fleet.stores.open(uri);
  if (seen.phase !== 'failed' || seen.error?.code !== 'CHECKS_FAILED') {
    const accepted = await findAcceptance(store, planRun);
    if (accepted !== undefined) throw acceptedByAnother(id, accepted, uri);
    const ended = seen.error === null ? '' : ` (${seen.error.code})`;
    throw notByChecks(id, `it is ${seen.phase}${ended}`, uri);
  }
  await fleet.stores.requireConditionalWrites(uri);
  const { acceptance, isOwn } = await acceptRun(store, planRun, { by, reason, now: new Date() });
  // Also for another person's, who may have been stopped before this.
  const run = await goOn(fleet, seen, acceptance.by);
  const announced = await fleet.announce(id).then(
    () => true,
    () => false,
  );
  if (!isOwn) throw acceptedByAnother(id, acceptance, uri);
  return { run, acceptance, announced };
}

/** Begins another round of the run, unless one has begun already. */
async function goOn(
  fleet: Pick<Fleet, 'registry'>,
  seen: RegisteredRun,
  by: string,
): Promise<RegisteredRun> {
  const { run } = seen.request;
  try {
    return await fleet.registry.reopen(run, { by, now: new Date(), of: 'failed' });
  } catch (error) {
    if (!(error instanceof ShardmillError) || error.code !== 'RUN_STATE') throw error;
    return fleet.registry.refresh(seen);
  }
}
