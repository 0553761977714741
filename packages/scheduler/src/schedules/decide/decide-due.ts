import { lastTick, lastTicks, nextTick, ticksBetween } from '@shardmill/core/schedules';
import type { TickRecord } from '../ticks/fold-tick.js';
import { jitterMs } from './jitter.js';
import { parseTickId } from '../store/schedule-layout.js';
import type { ScheduleHead, TickHistory } from '../ticks/schedule-state.js';
import type { SkipReason } from '../ticks/tick-event.js';

/** What to do about the next tick about which nothing was decided. Times are in milliseconds. */
export type DueDecision =
  /** Nothing is due before that time; undefined where nothing ever is, as things stand. */
  | { readonly kind: 'wait'; readonly until: number | undefined }
  | { readonly kind: 'start'; readonly tick: number; readonly late: boolean }
  | {
      readonly kind: 'queue';
      readonly tick: number;
      readonly late: boolean;
      readonly overlap: 'queue' | 'replace';
    }
  | {
      readonly kind: 'skip';
      readonly tick: number;
      /** The last tick that the decision is about. */
      readonly through: number;
      /** How many there are; undefined where they were not counted to the end. */
      readonly ticks: number | undefined;
      readonly reason: Extract<SkipReason, 'overlap' | 'missed' | 'queue-full'>;
    };

/**
 * A tick that no scheduler took up for so long after it was due was missed: `catchUp` decides about it.
 * Shorter gaps, as when a scheduler is restarted, make no difference.
 */
const MISSED_AFTER_MS = 60_000;
/** Missed ticks are counted up to here. */
const MAX_COUNTED = 200;

/**
 * The decision about the next tick, by what is known of those before it. Ticks are decided one
 * after the other, each by one scheduler for all, so that each that decides sees the same
 * or finds that the tick was decided.
 */
export function decideDue(head: ScheduleHead, history: TickHistory, now: number): DueDecision {
  const { schedule, name, since } = head;
  if (head.removed || head.paused || !schedule.enabled) return { kind: 'wait', until: undefined };
  const jitter = jitterMs(name, schedule);
  const from = Math.max(Date.parse(since), history.cursor ?? Number.NEGATIVE_INFINITY);
  const next = nextTick(schedule, from);
  if (next === undefined) return { kind: 'wait', until: undefined };
  if (next + jitter > now) return { kind: 'wait', until: next + jitter };

  const missedBefore = now - jitter - MISSED_AFTER_MS;
  if (next >= missedBefore) return onTime(head, history, next);
  const first = firstToCatchUp(head, next, missedBefore, now - jitter);
  if (first !== undefined && first <= next) return caughtUp(head, history, next);
  // All missed ticks before the first that is caught up with, in one decision.
  const through = lastTick(schedule, (first ?? missedBefore) - 1) ?? next;
  const counted = ticksBetween(schedule, next, through, MAX_COUNTED + 1).length;
  const ticks = counted > MAX_COUNTED ? undefined : counted;
  return { kind: 'skip', tick: next, through, ticks, reason: 'missed' };
}

/** The first missed tick that is to have a run all the same; undefined where none is. */
function firstToCatchUp(
  { schedule }: ScheduleHead,
  next: number,
  missedBefore: number,
  dueBefore: number,
): number | undefined {
  switch (schedule.catchUp) {
    case 'none':
      return undefined;
    case 'latest': {
      // One that was not missed is the latest one, and makes up for all before it.
      const latest = lastTick(schedule, dueBefore) ?? next;
      return latest < missedBefore ? latest : undefined;
    }
    case 'all': {
      // Forwards first: usually there are few, and what is found is asked again for the next one.
      const { catchUpLimit } = schedule;
      const missed = ticksBetween(schedule, next, missedBefore - 1, catchUpLimit + 1);
      if (missed.length <= catchUpLimit) return next;
      return lastTicks(schedule, missedBefore - 1, catchUpLimit)[0];
    }
    default: {
      const unknown: never = schedule.catchUp;
      return unknown;
    }
  }
}

/** A tick that was missed waits for the one before it, whatever `overlap` says. */
function caughtUp(head: ScheduleHead, history: TickHistory, tick: number): DueDecision {
  if (openTicks(history).length === 0) return { kind: 'start', tick, late: true };
  return queued(head, history, { tick, late: true, overlap: 'queue' });
}

function onTime(head: ScheduleHead, history: TickHistory, tick: number): DueDecision {
  const open = openTicks(history);
  if (open.length === 0) return { kind: 'start', tick, late: false };
  const { overlap } = head.schedule;
  switch (overlap) {
    case 'skip':
      // Behind those that are caught up with, a tick that is on time is not lost.
      if (open.every(isLate)) {
        return queued(head, history, { tick, late: true, overlap: 'queue' });
      }
      return { kind: 'skip', tick, through: tick, ticks: 1, reason: 'overlap' };
    case 'queue':
    case 'replace':
      return queued(head, history, { tick, late: false, overlap });
    default: {
      const unknown: never = overlap;
      return unknown;
    }
  }
}

function queued(
  { schedule }: ScheduleHead,
  history: TickHistory,
  wanted: { readonly tick: number; readonly late: boolean; readonly overlap: 'queue' | 'replace' },
): DueDecision {
  const waiting = openTicks(history).filter(({ phase }) => phase === 'queued').length;
  // One that replaces those that wait makes room for itself.
  if (wanted.overlap === 'replace' || waiting < schedule.catchUpLimit) {
    return { kind: 'queue', ...wanted };
  }
  const { tick } = wanted;
  return { kind: 'skip', tick, through: tick, ticks: 1, reason: 'queue-full' };
}

/** Ticks that were due and have not ended: runs that a person asked for go on beside them. */
export function openTicks({ open }: TickHistory): TickRecord[] {
  return open.filter(({ id }) => parseTickId(id)?.trigger === undefined);
}

/** Whether it was missed when it was due, and is made up for. */
export function isLate({ events: [first] }: TickRecord): boolean {
  return (first?.kind === 'queued' || first?.kind === 'started') && first.late;
}
