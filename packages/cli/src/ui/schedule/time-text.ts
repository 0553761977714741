import { zonedTimestampText } from '@shardmill/core/schedules';

/** `2026-11-22 05:00 +04:00`, with seconds where there are any. */
export function zonedTime(ms: number, zone: string): string {
  return spaced(zonedTimestampText(ms, zone));
}

/** `2026-11-22 01:00 Z` */
export function utcTime(ms: number): string {
  return spaced(zonedTimestampText(ms, 'UTC'));
}

function spaced(text: string): string {
  const [, day = '', time = '', seconds = '', offset = ''] =
    /^(.*)T(\d\d:\d\d)(:\d\d(?:\.\d+)?)(.*)$/.exec(text) ?? [];
  return `${day} ${time}${seconds === ':00' ? '' : seconds} ${offset}`;
}

/** `in 3 h`, `12 min ago`, `now`: the distance of an instant, in one unit. */
export function distanceText(ms: number, now: number): string {
  const span = spanText(Math.abs(ms - now));
  if (span === '0 s') return 'now';
  return ms > now ? `in ${span}` : `${span} ago`;
}

/** `42 s`, `12 min`, `21 h`, `3 d`: one unit, rounded down. */
export function spanText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
