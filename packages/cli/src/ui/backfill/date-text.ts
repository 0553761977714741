import { zonedTime } from '../schedule/time-text.js';

/**
 * How dates are shown: by their days, or with the time of day where two of them share a day.
 * @param dates instants, as text.
 */
export function dateText(dates: readonly string[], zone: string): (ts: string) => string {
  const full = (ts: string): string => zonedTime(Date.parse(ts), zone);
  const dayOf = (ts: string): string => full(ts).slice(0, 10);
  const days = new Set(dates.map(dayOf));
  return days.size === dates.length ? dayOf : full;
}

/** The first and the last of very many lines, and how many are left out between them. */
export function middleCut<T>(
  items: readonly T[],
  most: number,
  line: (item: T) => string,
  cut: (count: number) => string,
): string[] {
  if (items.length <= most) return items.map(line);
  const half = Math.floor(most / 2);
  return [
    ...items.slice(0, half).map(line),
    cut(items.length - 2 * half),
    ...items.slice(-half).map(line),
  ];
}
