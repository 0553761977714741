import { collectBackfills, collectGarbage as collect, type Garbage } from '@shardmill/scheduler';
import type { Fleet } from './fleet.js';

/**
 * Deletes the log of runs and of backfills that ended long ago, and what submissions and writers
 * that died left behind. Results stay. @throws USAGE, STORE_…
 */
export async function collectGarbage(
  { registry, stores }: Fleet,
  options: { readonly olderThanMs: number; readonly dryRun: boolean; readonly now: Date },
): Promise<Garbage> {
  const { runs, objects } = await collect(registry, stores, options);
  const before = options.now.getTime() - options.olderThanMs;
  const backfills = await collectBackfills(registry.store, before, options.dryRun);
  return { runs, objects: [...objects, ...backfills] };
}
