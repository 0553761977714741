/** Days and times of day in a time zone, by the rules of the runtime's ICU. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** Fields of an instant as a wall clock in the zone shows them. */
function fieldsIn(zone: string, ms: number): Record<string, number> {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, +value]));
}

/** Milliseconds that the zone's wall clock is ahead of UTC at an instant. */
export function offsetMs(zone: string, ms: number): number {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fieldsIn(zone, ms);
  const wall = new Date(0);
  // Date.UTC takes the years from 0 to 99 for those of the last century.
  wall.setUTCFullYear(year, month - 1, day);
  return wall.setUTCHours(hour, minute, second) - Math.floor(ms / 1000) * 1000;
}

/** `2026-11-22`: the day of an instant in the zone. */
export function dayIn(zone: string, ms: number): string {
  return new Date(ms + offsetMs(zone, ms)).toISOString().slice(0, 10);
}

/** `2026-11-22T05:00:00+04:00` */
export function zonedText(zone: string, ms: number): string {
  const offset = offsetMs(zone, ms);
  const minutes = Math.abs(Math.round(offset / 60_000));
  const sign = offset < 0 ? '-' : '+';
  const local = new Date(ms + offset).toISOString().slice(0, 19);
  return `${local}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/**
 * The instant at which a wall clock in the zone shows this; the first one where it does so twice,
 * and the end of the gap where it never does.
 * @param local milliseconds since 1970 of the same fields in UTC.
 */
export function instantIn(zone: string, local: number): number {
  // No zone is more than a day away from UTC, and no two changes are that close to each other.
  const before = offsetMs(zone, local - DAY_MS);
  const after = offsetMs(zone, local + DAY_MS);
  const early = local - before;
  if (early + offsetMs(zone, early) === local) return early;
  const late = local - after;
  if (late + offsetMs(zone, late) === local) return late;
  return endOfGap(zone, late, early);
}

/** The instant between two at which the offset changes, to the second. */
function endOfGap(zone: string, from: number, to: number): number {
  let [low, high] = [from, to];
  const old = offsetMs(zone, low);
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000;
    if (offsetMs(zone, middle) === old) low = middle;
    else high = middle;
  }
  return high;
}

const DAY_MS = 86_400_000;

/** Whether the runtime knows the zone. An offset such as `+04:00` is none: it has no rules. */
export function isTimeZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    Intl.DateTimeFormat('en', { timeZone: name }).format();
    return true;
  } catch {
    return false;
  }
}

const LOCAL = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?(Z|[+-]\d\d:\d\d)?$/;

/**
 * The instant of `2026-11-22`, `2026-11-22T05:00` in the zone, or of `2026-11-22T05:00+04:00`
 * whatever the zone.
 * @param edge which end of a day a date without a time of day means.
 * @returns undefined where it is none of these, or no day of the calendar.
 */
export function parseInstant(
  text: string,
  zone: string,
  edge: 'first' | 'last' = 'first',
): number | undefined {
  const [, year = '', month = '', day = '', hour, minute = '0', second = '0', offset] =
    LOCAL.exec(text) ?? [];
  if (year === '' || (hour === undefined && offset !== undefined)) return undefined;
  const midnight = Date.UTC(+year, +month - 1, +day);
  if (new Date(midnight).toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return undefined;
  if (hour === undefined) {
    return edge === 'first' ? instantIn(zone, midnight) : instantIn(zone, midnight + DAY_MS) - 1;
  }
  if (+hour > 23 || +minute > 59 || +second > 59) return undefined;
  const local = midnight + ((+hour * 60 + +minute) * 60 + +second) * 1000;
  if (offset === undefined) return instantIn(zone, local);
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d\d):(\d\d)$/.exec(offset) ?? [];
  if (+hours > 23 || +minutes > 59) return undefined;
  return local - (sign === '-' ? -1 : 1) * (+hours * 60 + +minutes) * 60_000;
}

const two = (n: number): string => String(n).padStart(2, '0');
