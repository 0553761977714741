/** Numbers as people read them. All functions are of values only, and always English. */

import { formatCount } from '@shardmill/core';

export { formatCount, formatDuration } from '@shardmill/core';

/** `1 row`, `7,043 rows`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${formatCount(n)} ${n === 1 ? one : many}`;
}

/** `999 B`, `1.23 kB`, `45.6 MB`: powers of 1000, three digits. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  // 999.5 would round to "1000" of the smaller unit.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit] ?? ''}`;
}

/** `0:42`, `12:07`, `3:05:00`: a clock that counts down. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = two(seconds % 60);
  return hours > 0 ? `${formatCount(hours)}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/**
 * Whole percent, rounded down: 100 % is said only when all is done. Of nothing there is no share: it
 * may not be known yet how much there is.
 */
export function formatPercent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${Math.floor((part / whole) * 100)}%`;
}

/** Three digits: `0.42`, `5,870`, `812,000`, `1.23 M`; the unit is the caller's. */
export function formatRate(perSecond: number): string {
  const rounded = Number(perSecond.toPrecision(3));
  if (rounded >= 1e6) return `${Number((rounded / 1e6).toPrecision(3))} M`;
  return rounded >= 100 ? formatCount(rounded) : String(rounded);
}

/** A value of the data, with four digits: `0.2653`, `-12.5`, `1,234,568`. */
export function formatValue(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000 && size < 1e15) return formatCount(Math.round(value));
  return String(Number(value.toPrecision(4)));
}

const two = (n: number): string => String(n).padStart(2, '0');
