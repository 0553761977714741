import { nextOf, openCron } from './cron.js';
import { wallClockAt } from '../time/time-zone.js';
import { dayText } from '../time/wall-clock.js';
import { parseMoment } from './parse-moment.js';

/** What decides when a schedule is due. */
export interface ScheduleTiming {
  readonly cron: string;
  readonly timezone: string;
  /** The first and the last moment at which it may be due: a date, or a date with a time of day. */
  readonly start?: string | undefined;
  readonly end?: string | undefined;
}

/** All instants are milliseconds since 1970; a tick is a whole second. */

/** The first tick after an instant; undefined where none comes any more. */
export function nextTick(timing: ScheduleTiming, after: number): number | undefined {
  const { first, last } = windowOf(timing);
  const from = first === undefined ? after : Math.max(after, first - 1);
  // The library takes the millisecond into account: at 05:00:00.001 the tick of 05:00:00 is over.
  const next = nextOf(timing.cron, timing.timezone, from);
  return next === null || (last !== undefined && next > last) ? undefined : next;
}

/** Up to `count` ticks after an instant, in their order. */
export function nextTicks(timing: ScheduleTiming, after: number, count: number): number[] {
  const ticks: number[] = [];
  for (let from = after; ticks.length < count; ) {
    const next = nextTick(timing, from);
    if (next === undefined) break;
    ticks.push(next);
    from = next;
  }
  return ticks;
}

/** The last tick at an instant or before it, also one before `start`; undefined where there is none. */
export function lastTick(timing: ScheduleTiming, at: number): number | undefined {
  const { last } = windowOf(timing);
  return ticksBefore(timing, (last === undefined ? at : Math.min(at, last)) + 1, 1)[0];
}

/** Up to `count` ticks at or before an instant and within the schedule's window, in their order. */
export function lastTicks(timing: ScheduleTiming, at: number, count: number): number[] {
  const { first = Number.NEGATIVE_INFINITY, last = Number.POSITIVE_INFINITY } = windowOf(timing);
  const ticks = ticksBefore(timing, Math.min(at, last) + 1, count);
  return ticks.filter((tick) => tick >= first).toReversed();
}

/** Whether the schedule is due at exactly this instant. */
export function isTick(timing: ScheduleTiming, at: number): boolean {
  return nextTick(timing, at - 1) === at;
}

/** Up to `count` ticks from one instant, included, to another, included. */
export function ticksBetween(
  timing: ScheduleTiming,
  from: number,
  to: number,
  count: number,
): number[] {
  const ticks: number[] = [];
  for (let after = from - 1; ticks.length < count; ) {
    const next = nextTick(timing, after);
    if (next === undefined || next > to) break;
    ticks.push(next);
    after = next;
  }
  return ticks;
}

/**
 * The time that a tick accounts for: from the tick before it, by the expression alone, to itself.
 * The first tick of all has an interval like every other.
 */
export function intervalOf(
  timing: ScheduleTiming,
  tick: number,
): { readonly start: number; readonly end: number } {
  return { start: ticksBefore(timing, tick, 1)[0] ?? tick, end: tick };
}

/** `{{ ds }}` of a tick: its day in the schedule's zone. */
export function logicalDate(timing: Pick<ScheduleTiming, 'timezone'>, tick: number): string {
  return dayText(wallClockAt(tick, timing.timezone));
}

/** The window in which ticks count, both ends included. */
export function windowOf({ timezone, start, end }: ScheduleTiming): {
  readonly first: number | undefined;
  readonly last: number | undefined;
} {
  return {
    first: start === undefined ? undefined : parseMoment(start, timezone, 'first'),
    last: end === undefined ? undefined : parseMoment(end, timezone, 'last'),
  };
}

/** The latest first; `before` itself is not among them. */
function ticksBefore({ cron, timezone }: ScheduleTiming, before: number, count: number): number[] {
  // Whole seconds: of an instant within a second, the library counts that second as over.
  const reference = new Date(Math.ceil(before / 1000) * 1000);
  return openCron(cron, timezone)
    .previousRuns(count, reference)
    .map((tick) => tick.getTime());
}
