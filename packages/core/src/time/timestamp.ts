import { offsetAt, wallClockAt } from './time-zone.js';
import { dayText, fieldsOf, isInYears, parseDay } from './wall-clock.js';

const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,3}))?)?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/** The instant of `2026-01-31T05:00:00Z` or `2026-01-31T05:00+04:00`; undefined for others. */
export function parseTimestamp(text: string): number | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null || parseDay(match[1] ?? '') === undefined) return undefined;
  const instantMs = Date.parse(text);
  return isInYears(instantMs) ? instantMs : undefined;
}

/** `2026-01-31T05:00:00Z`, with milliseconds where there are any. */
export function timestampText(instantMs: number): string {
  return `${clockText(instantMs)}Z`;
}

/** `2026-01-31T09:00:00+04:00`. */
export function zonedTimestampText(instantMs: number, zone: string): string {
  return clockText(wallClockAt(instantMs, zone)) + offsetText(offsetAt(instantMs, zone));
}

/** `+04:00`, and `Z` for none. Seconds, which zones had before they were zones, are left out. */
export function offsetText(offsetMs: number): string {
  const minutes = Math.trunc(Math.abs(offsetMs) / 60_000);
  if (minutes === 0) return 'Z';
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function clockText(wallMs: number): string {
  const { hour, minute, second, millisecond } = fieldsOf(wallMs);
  const fraction = millisecond === 0 ? '' : `.${String(millisecond).padStart(3, '0')}`;
  return `${dayText(wallMs)}T${two(hour)}:${two(minute)}:${two(second)}${fraction}`;
}

const two = (n: number): string => String(n).padStart(2, '0');
