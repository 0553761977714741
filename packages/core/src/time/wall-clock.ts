/**
 * Arithmetic of the Gregorian calendar without a time zone. A time of a wall clock is the number of
 * milliseconds that UTC has at the same date and time of day, so that a day is a time at midnight.
 */

export interface WallClockFields {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  /** From 1. */
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

export const DAY_MS = 86_400_000;

/** The years that a date of four digits can have. */
const FIRST_YEAR = 1;
const LAST_YEAR = 9999;

export function wallClockOf(fields: WallClockFields): number {
  const { year, month, day, hour, minute, second, millisecond } = fields;
  // Date.UTC takes the years from 0 to 99 for those of the last century.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, millisecond);
  return date.getTime();
}

export function fieldsOf(wallMs: number): WallClockFields {
  const date = new Date(wallMs);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    millisecond: date.getUTCMilliseconds(),
  };
}

/** Midnight of a day written as `2026-01-31`; undefined for what is no day, as 2026-02-30. */
export function parseDay(text: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number);
  const wallMs = wallClockOf({ ...MIDNIGHT, year, month, day });
  return isInYears(wallMs) && dayText(wallMs) === text ? wallMs : undefined;
}

const MIDNIGHT = { hour: 0, minute: 0, second: 0, millisecond: 0 } as const;

/** `2026-01-31`. */
export function dayText(wallMs: number): string {
  const { year, month, day } = fieldsOf(wallMs);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** The same day of the month and time of day, or the last day of a month that is shorter. */
export function addMonths(wallMs: number, months: number): number {
  const fields = fieldsOf(wallMs);
  const index = fields.year * 12 + fields.month - 1 + months;
  const [year, month] = [Math.floor(index / 12), (((index % 12) + 12) % 12) + 1];
  return wallClockOf({ ...fields, year, month, day: Math.min(fields.day, daysIn(year, month)) });
}

function daysIn(year: number, month: number): number {
  // The day before the first of the next month.
  return fieldsOf(wallClockOf({ ...MIDNIGHT, year, month: month + 1, day: 0 })).day;
}

export function isInYears(wallMs: number): boolean {
  if (Number.isNaN(new Date(wallMs).getTime())) return false;
  const { year } = fieldsOf(wallMs);
  return year >= FIRST_YEAR && year <= LAST_YEAR;
}

/** From 1, the first of January. */
export function dayOfYear(wallMs: number): number {
  const { year } = fieldsOf(wallMs);
  return Math.floor((wallMs - wallClockOf({ ...MIDNIGHT, year, month: 1, day: 1 })) / DAY_MS) + 1;
}

/** From 1, Monday, to 7. */
export function dayOfWeek(wallMs: number): number {
  return ((new Date(wallMs).getUTCDay() + 6) % 7) + 1;
}

/** The week of ISO 8601, and the year that it belongs to: the one that its Thursday is in. */
export function isoWeek(wallMs: number): { readonly year: number; readonly week: number } {
  const thursday = wallMs + (4 - dayOfWeek(wallMs)) * DAY_MS;
  return {
    year: fieldsOf(thursday).year,
    week: Math.floor((dayOfYear(thursday) - 1) / 7) + 1,
  };
}
