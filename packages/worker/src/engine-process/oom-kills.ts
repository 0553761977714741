import { readFileSync } from 'node:fs';

/**
 * How many processes Linux has killed for want of memory since it was started, those at the limit
 * of a container included; undefined where the system does not say.
 * @param file where the system counts its events.
 */
export function countOomKills(file: string = '/proc/vmstat'): number | undefined {
  try {
    const count = /^oom_kill (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}
