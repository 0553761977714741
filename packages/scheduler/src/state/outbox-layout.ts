import type { ObjectStore } from '@shardmill/core';

/**
 * Where notifications lie, as keys relative to the state location. The names of both begin with the
 * time at which it happened: all schedulers that notice the same make the same name.
 */
export const PENDING_PREFIX = 'outbox/';
export const SETTLED_PREFIX = 'outbox-settled/';

/** @param at when it happened; ISO. */
export const notificationName = (at: string, id: string): string =>
  `${at.replaceAll(/[-:]|\.\d+/g, '')}-${id}.json`;

/** Settled notifications of what happened before then (milliseconds since 1970). */
export async function oldSettled(store: ObjectStore, before: number): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(SETTLED_PREFIX)) {
    const happened = timeOf(key.slice(SETTLED_PREFIX.length));
    if (happened !== undefined && happened < before) keys.push(key);
  }
  return keys;
}

function timeOf(name: string): number | undefined {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(name) ?? [];
  return y === undefined ? undefined : Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
}
