import { type JobSchedule, mapConcurrent } from '@shardmill/core';
import { isOpen, type TickRecord } from './fold-tick.js';
import { parseTickId, type TickId } from '../store/schedule-layout.js';
import { isRemoved, type StoredSchedule, type Trigger } from '../store/stored-schedule.js';
import type { TickLog } from './tick-log.js';

/** What is kept of a schedule between two looks: without its job, since there may be thousands. */
export interface ScheduleHead {
  readonly name: string;
  readonly version: number;
  readonly since: string;
  readonly paused: boolean;
  readonly removed: boolean;
  readonly triggers: readonly Trigger[];
  /** The name of the job. */
  readonly job: string;
  readonly schedule: JobSchedule;
}

export function headOf(schedule: StoredSchedule): ScheduleHead {
  const { name, version, since, paused, triggers, work } = schedule;
  const { name: job, schedule: timing } = work.job;
  const removed = isRemoved(schedule);
  return { name, version, since, paused, removed, triggers, job, schedule: timing };
}

/** What became of the ticks of a schedule so far. */
export interface TickHistory {
  /** Everything up to this tick is decided; milliseconds since 1970. */
  readonly cursor: number | undefined;
  /** Ticks that have not ended, in the order of their time; triggered ones are among them. */
  readonly open: readonly TickRecord[];
  /** The last tick that ended or was skipped. */
  readonly last: TickRecord | undefined;
  readonly lastSuccess: TickRecord | undefined;
  /** The greatest number of a trigger that has a tick. */
  readonly triggered: number;
}

export const NO_HISTORY: TickHistory = {
  cursor: undefined,
  open: [],
  last: undefined,
  lastSuccess: undefined,
  triggered: -1,
};

/** The history with a tick as it is now. */
export function withTick(history: TickHistory, tick: TickRecord): TickHistory {
  const { tick: at = 0, trigger } = parseTickId(tick.id) ?? {};
  const others = history.open.filter(({ id }) => id !== tick.id);
  const open = isOpen(tick) ? [...others, tick].toSorted(byTime) : others;
  const ended = !isOpen(tick) && endsLater(tick, history.last);
  const succeeded = tick.phase === 'finished' && endsLater(tick, history.lastSuccess);
  return {
    cursor:
      trigger === undefined
        ? Math.max(throughOf(tick) ?? at, history.cursor ?? Number.NEGATIVE_INFINITY)
        : history.cursor,
    open,
    last: ended ? tick : history.last,
    lastSuccess: succeeded ? tick : history.lastSuccess,
    triggered: Math.max(trigger ?? -1, history.triggered),
  };
}

const byTime = (a: TickRecord, b: TickRecord): number => (a.id < b.id ? -1 : 1);

function endsLater(tick: TickRecord, known: TickRecord | undefined): boolean {
  if (known === undefined || known.id === tick.id) return true;
  return (tick.endedAt ?? '') >= (known.endedAt ?? '');
}

/** The last tick that one which was skipped speaks for. */
function throughOf({ events }: TickRecord): number | undefined {
  const [first] = events;
  return first?.kind === 'skipped' ? Date.parse(first.through) : undefined;
}

/** Ended ticks that are looked at for the last success: the rest is not worth a request each. */
const LOOKED_BACK = 20;
const AT_ONCE = 8;

/**
 * The history of a schedule from the store alone, by one listing and a few reads.
 * @param open ids of the schedule's ticks that have a marker.
 * @throws PLAN_MISMATCH
 */
export async function readHistory(
  log: TickLog,
  name: string,
  open: readonly TickId[],
): Promise<TickHistory> {
  const ids = await log.ids(name);
  const recent = ids.slice(-LOOKED_BACK);
  const wanted = [...new Set([...open, ...recent])];
  const ticks = await mapConcurrent(wanted, AT_ONCE, (id) => log.find(name, id));
  const triggers = ids.map((id) => parseTickId(id)?.trigger ?? -1);
  let history: TickHistory = { ...NO_HISTORY, triggered: Math.max(-1, ...triggers) };
  for (const tick of ticks) if (tick !== undefined) history = withTick(history, tick);
  return history;
}
