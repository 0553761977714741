import { instantAt } from '../time/time-zone.js';
import { parseTimestamp } from '../time/timestamp.js';
import { DAY_MS, parseDay } from '../time/wall-clock.js';

const LOCAL = /^(\d{4}-\d{2}-\d{2})(?:T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?)?$/;

/**
 * The instant of `2026-11-22` or `2026-11-22T05:00` in the zone, or of `2026-11-22T05:00+04:00`
 * whatever the zone.
 * @param edge which end of a day a date without a time of day means.
 * @returns undefined where it is none of these, or no day of the calendar.
 */
export function parseMoment(
  text: string,
  zone: string,
  edge: 'first' | 'last' = 'first',
): number | undefined {
  const [, date, hour, minute = '0', second = '0'] = LOCAL.exec(text) ?? [];
  if (date === undefined) return parseTimestamp(text);
  const midnight = parseDay(date);
  if (midnight === undefined) return undefined;
  if (hour === undefined) {
    return edge === 'first' ? instantAt(midnight, zone) : instantAt(midnight + DAY_MS, zone) - 1;
  }
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  return instantAt(midnight + seconds * 1000, zone);
}
