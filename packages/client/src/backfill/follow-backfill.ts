import { mapConcurrent, ShardmillError } from '@shardmill/core';
import {
  type BackfillRegistry,
  countDates,
  type DateCounts,
  type DateOutcome,
  dateStates,
  hasEndedBackfill,
  type RegisteredBackfill,
} from '@shardmill/scheduler';
import type { Fleet } from '../fleet/fleet.js';
import { whoAmI } from '../identity.js';
import { backfillsOf } from './backfills-of.js';
import type { PlannedBackfill } from './choose-backfill.js';

/** A backfill with how its dates stand. */
export interface SeenBackfill {
  readonly backfill: RegisteredBackfill;
  readonly counts: DateCounts;
}

export interface ShownDate {
  readonly ts: string;
  readonly mode: string;
  readonly replaces: string | null;
  /** `open` where it has not ended, or not begun. */
  readonly state: 'open' | DateOutcome['outcome'];
  readonly outcome: DateOutcome | null;
}

export interface ShownBackfill extends SeenBackfill {
  /** In the order in which they are begun. */
  readonly dates: readonly ShownDate[];
}

const AT_ONCE = 16;

/** Hands a backfill to the schedulers, or notes one that is run here. @throws STORE_… */
export function beginBackfill(
  fleet: Fleet,
  { request }: PlannedBackfill,
): Promise<RegisteredBackfill> {
  return backfillsOf(fleet).submit(request);
}

/** The latest first, and whether there are more. @throws STORE_… */
export async function listBackfills(
  fleet: Fleet,
  most: number,
): Promise<{ readonly backfills: SeenBackfill[]; readonly more: boolean }> {
  const registry = backfillsOf(fleet);
  const ids = await registry.ids();
  const found = await mapConcurrent(ids.slice(0, most), AT_ONCE, async (id) => {
    const backfill = await registry.find(id);
    return backfill === undefined ? [] : [await seen(registry, backfill)];
  });
  return { backfills: found.flat(), more: ids.length > most };
}

/** @param reference an id, the beginning of one, or `last`. @throws BACKFILL_NOT_FOUND, USAGE */
export async function lookAtBackfill(fleet: Fleet, reference: string): Promise<SeenBackfill> {
  const registry = backfillsOf(fleet);
  return seen(registry, await registry.resolve(reference));
}

/** With how each of its dates ended. @throws BACKFILL_NOT_FOUND, USAGE */
export async function showBackfill(fleet: Fleet, reference: string): Promise<ShownBackfill> {
  const registry = backfillsOf(fleet);
  const backfill = await registry.resolve(reference);
  const { id, dates } = backfill.request;
  const names = await registry.outcomes(id);
  const states = dateStates(dates, names, backfill.round);
  const shown = await mapConcurrent(states, AT_ONCE, async ({ date, state, counting }) => {
    const { ts, mode, replaces } = date;
    const outcome = counting === undefined ? null : await registry.outcome(id, ts, counting);
    return { ts, mode, replaces, state, outcome };
  });
  return { backfill, counts: countDates(states), dates: shown };
}

/** @throws BACKFILL_NOT_FOUND, BACKFILL_STATE */
export function cancelBackfill(fleet: Fleet, reference: string): Promise<RegisteredBackfill> {
  return backfillsOf(fleet).cancel(reference, whoAmI(), new Date());
}

/** Runs the dates that did not finish once more. @throws BACKFILL_NOT_FOUND, BACKFILL_STATE */
export async function resumeBackfill(fleet: Fleet, reference: string): Promise<RegisteredBackfill> {
  const registry = backfillsOf(fleet);
  const backfill = await registry.resolve(reference);
  // One that is run here goes on where its process ended.
  if (backfill.request.place === 'local' && backfill.phase === 'running') return backfill;
  return registry.reopen(backfill.request.id, whoAmI(), new Date());
}

/** How a backfill that has ended came out. @throws BACKFILL_FAILED, RUN_CANCELLED */
export function endOfBackfill({ backfill, counts }: SeenBackfill): void {
  const { phase, request } = backfill;
  if (!hasEndedBackfill(backfill) || phase === 'finished') return;
  const left = counts.failed + counts.cancelled + counts.open;
  const of = `${left} of ${request.dates.length} dates`;
  throw new ShardmillError(
    phase === 'cancelled' ? 'RUN_CANCELLED' : 'BACKFILL_FAILED',
    phase === 'cancelled'
      ? `backfill ${request.id} was cancelled: ${of} are left`
      : `${of} of backfill ${request.id} did not finish`,
    {
      remedy: `Look at them with \`shardmill backfill show ${request.id}\`, then go on with \`shardmill backfill resume ${request.id}\`.`,
    },
  );
}

async function seen(
  registry: BackfillRegistry,
  backfill: RegisteredBackfill,
): Promise<SeenBackfill> {
  const outcomes = await registry.outcomes(backfill.request.id);
  return {
    backfill,
    counts: countDates(dateStates(backfill.request.dates, outcomes, backfill.round)),
  };
}
