import type { ObjectStore } from '@shardmill/core';

/**
 * Where notifications and events of lineage lie, as keys relative to the state location. The names of both begin with the
 * time at which it happened: all schedulers that notice the same make the same name.
 */
export const PENDING_PREFIX = 'outbox/';
export const SETTLED_PREFIX = 'outbox-settled/';
export const LINEAGE_PENDING_PREFIX = 'lineage/';
export const LINEAGE_SETTLED_PREFIX = 'lineage-settled/';

/** @param at when it happened; ISO. */
export const notificationName = (at: string, id: string): string =>
  `${at.replaceAll(/[-:]|\.\d+/g, '')}-${id}.json`;

/**
 * What is left of what happened before then (milliseconds since 1970): settled notifications, and
 * events of lineage, those too that no scheduler sends any more.
 */
export async function oldSettled(store: ObjectStore, before: number): Promise<string[]> {
  const keys: string[] = [];
  for (const prefix of [SETTLED_PREFIX, LINEAGE_SETTLED_PREFIX, LINEAGE_PENDING_PREFIX]) {
    for await (const { key } of store.list(prefix)) {
      const happened = timeOf(key.slice(prefix.length));
      if (happened !== undefined && happened < before) keys.push(key);
    }
  }
  return keys;
}

function timeOf(name: string): number | undefined {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(name) ?? [];
  return y === undefined ? undefined : Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
}
