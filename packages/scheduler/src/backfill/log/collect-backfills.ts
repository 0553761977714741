import type { ObjectStore } from '@shardmill/core';
import { timeOfRun } from '../../state/state-layout.js';
import {
  ACTIVE_BACKFILLS_PREFIX,
  backfillKey,
  backfillOfActive,
  outcomesPrefix,
} from './backfill-layout.js';
import { BackfillRegistry } from './backfill-registry.js';
import { hasEndedBackfill } from './fold-backfill.js';

/**
 * Deletes backfills that ended before an instant, and markers of submissions that died half-way
 * before it. Their runs stay. The request goes first: without it the rest is not taken for one.
 * @param dryRun deletes nothing.
 * @returns locations of the objects.
 */
export async function collectBackfills(
  store: ObjectStore,
  before: number,
  dryRun: boolean,
): Promise<string[]> {
  const registry = new BackfillRegistry(store);
  const known = await registry.ids();
  const keys: string[] = [];
  for (const id of known) {
    const backfill = await registry.find(id);
    if (backfill === undefined || !hasEndedBackfill(backfill)) continue;
    if (Date.parse(backfill.endedAt ?? '') >= before) continue;
    keys.push(...backfillKeys(id, backfill.events.length));
    for await (const { key } of store.list(outcomesPrefix(id))) keys.push(key);
  }
  for await (const { key } of store.list(ACTIVE_BACKFILLS_PREFIX)) {
    const id = backfillOfActive(key)?.id ?? '';
    const began = timeOfRun(id);
    if (!known.includes(id) && began !== undefined && began < before) keys.push(key);
  }
  if (!dryRun) for (const key of keys) await store.delete(key);
  return keys.map((key) => store.locate(key));
}

const backfillKeys = (id: string, events: number): string[] =>
  Array.from({ length: events + 1 }, (_, number) => backfillKey(id, number));
