import type { DateOutcomeKind } from './backfill-event.js';

/** Where backfills lie, as keys relative to the state location. */

export const BACKFILLS_PREFIX = 'backfills/';
export const ACTIVE_BACKFILLS_PREFIX = 'active-backfills/';

/** Number 0 is the request, number n the n-th event. */
export const backfillKey = (id: string, number: number): string =>
  `${BACKFILLS_PREFIX}${id}/log/${String(number).padStart(6, '0')}.json`;

export function backfillOfKey(key: string): { id: string; number: number } | undefined {
  const [, id, number] = /^backfills\/([^/]+)\/log\/(\d{6,})\.json$/.exec(key) ?? [];
  return id === undefined ? undefined : { id, number: Number(number) };
}

/**
 * How a date ended in a round. The name has what decides about the date, so that one listing says
 * how all dates of a backfill stand.
 */
export const outcomeKey = (
  id: string,
  ts: string,
  round: number,
  outcome: DateOutcomeKind,
): string =>
  `${outcomesPrefix(id)}${stampOf(ts)}.${String(round).padStart(6, '0')}.${outcome}.json`;
export const outcomesPrefix = (id: string): string => `${BACKFILLS_PREFIX}${id}/dates/`;

export interface OutcomeName {
  /** As `stampOf` makes it of the date. */
  readonly stamp: string;
  readonly round: number;
  readonly outcome: DateOutcomeKind;
}

export function outcomeOfKey(key: string): OutcomeName | undefined {
  const [, stamp, round, outcome] =
    /^backfills\/[^/]+\/dates\/([^/.]+)\.(\d{6,})\.(finished|failed|cancelled)\.json$/.exec(key) ??
    [];
  if (stamp === undefined) return undefined;
  if (outcome !== 'finished' && outcome !== 'failed' && outcome !== 'cancelled') return undefined;
  return { stamp, round: Number(round), outcome };
}

/** Says that a round of a backfill may not have ended. */
export const activeBackfillKey = (id: string, round: number): string =>
  `${ACTIVE_BACKFILLS_PREFIX}${id}.${round}`;

export function backfillOfActive(key: string): { id: string; round: number } | undefined {
  const [, id, round] = /^active-backfills\/([^/]+)\.(\d+)$/.exec(key) ?? [];
  return id === undefined ? undefined : { id, round: Number(round) };
}

/** `20261122T010000Z` of `2026-11-22T01:00:00Z`. */
export function stampOf(ts: string): string {
  return new Date(ts).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

/** The run key of a date: every process that begins its run uses the same one. */
export const runKeyOfDate = (id: string, ts: string): string => `backfill ${id} ${stampOf(ts)}`;
