import { collectGarbage as collect, type Garbage } from '@shardmill/scheduler';
import type { Fleet } from './fleet.js';

/**
 * Deletes the log of runs that ended long ago, and what submissions and writers that died left
 * behind. Results stay. @throws USAGE, STORE_…
 */
export function collectGarbage(
  { registry, stores }: Fleet,
  options: { readonly olderThanMs: number; readonly dryRun: boolean; readonly now: Date },
): Promise<Garbage> {
  return collect(registry, stores, options);
}
