import type { ListedSchedule, ListedTick } from '@shardmill/client/schedules';

/** Instants as text: `2026-11-22T01:00:00.000Z`. */
export const instantText = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();

/** A tick as `--json` prints it. */
export function tickDocument(tick: ListedTick): object {
  return { ...tick, tick: instantText(tick.tick), through: instantText(tick.through) };
}

/** A schedule as `--json` prints it. */
export function scheduleDocument(schedule: ListedSchedule): object {
  const { next, last, lastSuccess, open } = schedule;
  return {
    ...schedule,
    next: instantText(next),
    last: last && tickDocument(last),
    lastSuccess: lastSuccess && tickDocument(lastSuccess),
    open: open.map(tickDocument),
  };
}
