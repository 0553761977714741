import {
  collectBackfills,
  collectGarbage as collect,
  collectTicks,
  type Garbage,
  runsOfOpenTicks,
} from '@shardmill/scheduler';
import type { Fleet } from './fleet.js';

/**
 * Deletes the log of runs, of backfills and of ticks that ended long ago, and what submissions and writers
 * that died left behind. Results stay. @throws USAGE, STORE_…
 */
export async function collectGarbage(
  { registry, stores }: Fleet,
  options: { readonly olderThanMs: number; readonly dryRun: boolean; readonly now: Date },
): Promise<Garbage> {
  const { store } = registry;
  const keep = await runsOfOpenTicks(store);
  const { runs, objects } = await collect(registry, stores, { ...options, keep });
  const before = options.now.getTime() - options.olderThanMs;
  const backfills = await collectBackfills(store, before, options.dryRun);
  const { dryRun } = options;
  const ticks = await collectTicks(store, { before, now: options.now.getTime(), dryRun });
  return { runs, objects: [...objects, ...backfills, ...ticks] };
}
