import { InvariantError } from '../../errors/invariant-error.js';

/** Whole milliseconds of a time such as `90s` or `15m`, as the job schema accepts it. */
export function parseDurationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(text);
  const factor = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? ''];
  if (match?.[1] === undefined || factor === undefined) {
    throw new InvariantError(`not a duration: "${text}"`);
  }
  // 1.1 * 60,000 is 66,000.00000000001.
  return Math.round(Number(match[1]) * factor);
}

/** Bytes of a size such as `700MB`, `2GiB` or `60%` of `available`. */
export function parseBytes(size: string | number, available: number): number {
  if (typeof size === 'number') return size;
  const match = /^(\d+(?:\.\d+)?)\s*(%|[KMGT]i?B)$/.exec(size);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new InvariantError(`not a size: "${size}"`);
  }
  if (match[2] === '%') return Math.floor((available * Number(match[1])) / 100);
  const power = 'KMGT'.indexOf(match[2].charAt(0)) + 1;
  return Math.floor(Number(match[1]) * (match[2].includes('i') ? 1024 : 1000) ** power);
}

/** The rejected rows that a budget allows of `rows` read: a count, or a percentage of them. */
export function allowedRejects(budget: string | number, rows: number): number {
  if (typeof budget === 'number') return budget;
  const percent = /^(\d+)(?:\.(\d+))?\s*%$/.exec(budget);
  if (percent === null) return Number(budget);
  // In whole numbers: 0.29 * 100 is 28.999999999999996.
  const [, whole = '', fraction = ''] = percent;
  const hundred = 100n * 10n ** BigInt(fraction.length);
  return Number((BigInt(whole + fraction) * BigInt(rows)) / hundred);
}
