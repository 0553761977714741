import { createHash } from 'node:crypto';

/**
 * The id that a run has in events, a UUID of version 7: of the instant at which it began, and of a
 * name. Every process that makes it of the same makes the same.
 * @param at milliseconds since 1970.
 */
export function lineageRunId(at: number, name: string): string {
  const time = Math.max(0, Math.trunc(at)).toString(16).padStart(12, '0').slice(-12);
  const hash = createHash('sha256').update(name).digest('hex');
  const variant = '89ab'[Number.parseInt(hash.slice(3, 4), 16) % 4];
  return [
    time.slice(0, 8),
    time.slice(8),
    `7${hash.slice(0, 3)}`,
    `${variant}${hash.slice(4, 7)}`,
    hash.slice(7, 19),
  ].join('-');
}
