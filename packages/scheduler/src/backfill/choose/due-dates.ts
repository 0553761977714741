import { formatCount, ShardmillError } from '@shardmill/core';
import { intervalOf, nextTick, parseMoment } from '@shardmill/core/schedules';
import type { DueDate } from '../log/backfill-request.js';

/** Units for which a date can be made without a cron expression, each at its beginning. */
export const EVERY = {
  hour: '0 * * * *',
  day: '0 0 * * *',
  week: '0 0 * * MON',
  month: '0 0 1 * *',
} as const satisfies Record<string, string>;
export type Every = keyof typeof EVERY;

export interface DateRange {
  /** A day, or a time; both ends are included, of a day its whole. */
  readonly from: string;
  readonly to: string;
  readonly cron: string;
  /** In which days begin and the expression is read. */
  readonly timezone: string;
  /** A range with more is taken for a mistake. */
  readonly maxDates: number;
}

/** All of them are held in memory and in one object of the state location. */
export const MAX_DATES = 100_000;

/**
 * The dates of a range, by time, of which the expression alone decides: when a schedule began does
 * not matter to what lies before it. One at a time, since there may be very many.
 * @throws USAGE for an end that is no date, lies before its beginning, or for too many dates
 */
export function* dueDates(range: DateRange): Generator<DueDate> {
  const { cron, timezone, maxDates } = range;
  const from = instantOf(range.from, timezone, '--from', 'first');
  const to = instantOf(range.to, timezone, '--to', 'last');
  if (to < from) {
    throw new ShardmillError('USAGE', `--to ${range.to} lies before --from ${range.from}`, {
      remedy: 'Give the earlier date with --from; both ends are included.',
    });
  }
  const timing = { cron, timezone };
  let start: number | undefined;
  for (let count = 1; ; count++) {
    const tick = nextTick(timing, start ?? from - 1);
    if (tick === undefined || tick > to) return;
    if (count > maxDates) {
      throw new ShardmillError(
        'USAGE',
        `from ${range.from} to ${range.to} there are more than ${formatCount(maxDates)} dates of "${cron}"`,
        { remedy: 'Give a shorter range, or one with --every day.' },
      );
    }
    start ??= intervalOf(timing, tick).start;
    yield { ts: textOf(tick), start: textOf(start), end: textOf(tick) };
    start = tick;
  }
}

/** The date before the first of some dates, by time, and the one after the last. */
export function datesAround(
  timing: Pick<DateRange, 'cron' | 'timezone'>,
  dates: readonly DueDate[],
): DueDate[] {
  const [first, last] = [dates.at(0), dates.at(-1)];
  if (first === undefined || last === undefined) return [];
  const before = Date.parse(first.start);
  const { start } = intervalOf(timing, before);
  const around = [{ ts: first.start, start: textOf(start), end: first.start }];
  const after = nextTick(timing, Date.parse(last.ts));
  if (after !== undefined) around.push({ ts: textOf(after), start: last.ts, end: textOf(after) });
  return around;
}

function instantOf(text: string, timezone: string, option: string, edge: 'first' | 'last'): number {
  const instant = parseMoment(text, timezone, edge);
  if (instant !== undefined) return instant;
  throw new ShardmillError('USAGE', `${option} is "${text}", which is no date or time`, {
    remedy: `Write a day of the calendar, ${option} 2026-11-22, or a time, ${option} 2026-11-22T05:00.`,
  });
}

const textOf = (ms: number): string => new Date(ms).toISOString();
