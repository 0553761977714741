import { DAY_MS, wallClockOf } from './wall-clock.js';

/** A name of the time zone database, such as `Asia/Dubai`, or `UTC`. */
export function isTimeZone(name: string): boolean {
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

/** What the wall clocks of a zone show at an instant, as in `wall-clock.ts`. */
export function wallClockAt(instantMs: number, zone: string): number {
  // The first formatter of a process takes 10 ms to make, and most jobs name no zone.
  if (zone === 'UTC') return instantMs;
  const parts = new Map(
    formatterOf(zone)
      .formatToParts(instantMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const field = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return wallClockOf({
    year: field('year'),
    month: field('month'),
    day: field('day'),
    hour: field('hour'),
    minute: field('minute'),
    second: field('second'),
    millisecond: ((instantMs % 1000) + 1000) % 1000,
  });
}

/**
 * The instant at which wall clocks of a zone show a time. One that they show twice, as clocks are
 * set back, is the first of both. One that they leave out, as clocks are set forward, is as much
 * later as they are: 02:30 becomes 03:30. (`disambiguation: 'compatible'` of Temporal.)
 */
export function instantAt(wallMs: number, zone: string): number {
  const before = offsetAt(wallMs - DAY_MS, zone);
  const after = offsetAt(wallMs + DAY_MS, zone);
  const fitting = [wallMs - before, wallMs - after].filter(
    (instantMs) => wallClockAt(instantMs, zone) === wallMs,
  );
  return fitting.length === 0 ? wallMs - before : Math.min(...fitting);
}

/** How far wall clocks of a zone are ahead of UTC, in milliseconds. */
export function offsetAt(instantMs: number, zone: string): number {
  return wallClockAt(instantMs, zone) - instantMs;
}

/** Making one takes longer than a thousand uses of it. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(zone, formatter);
  return formatter;
}
