import type { MemoryShortage } from '@shardmill/client/fleet';
import { plural } from './text/format.js';

/** That engines had no room, and how the model is called since. */
export function memoryText({ times, rows, lanes, unit }: MemoryShortage): string {
  const calls =
    rows === null
      ? plural(lanes, 'lane')
      : `${plural(rows, unit)} a call in ${plural(lanes, 'lane')}`;
  return `ran out ${plural(times, 'time')}; scored with at most ${calls}`;
}
