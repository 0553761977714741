import type { ObjectStore } from '@shardmill/core';
import { ScheduleRegistry } from '../store/schedule-registry.js';
import {
  eventOfKey,
  parseTickId,
  scheduleKey,
  type TickId,
  ticksPrefix,
} from '../store/schedule-layout.js';
import { isRemoved } from '../store/stored-schedule.js';
import { TickLog } from './tick-log.js';

/** A trigger may be carried out for a day: its tick is what says that it was. */
const TRIGGERS_MS = 2 * 86_400_000;

/**
 * Runs whose ticks have not ended: while they are there, no second one is submitted for their tick.
 * @throws PLAN_MISMATCH, STORE_…
 */
export async function runsOfOpenTicks(store: ObjectStore): Promise<Set<string>> {
  const log = new TickLog(store);
  const runs = new Set<string>();
  for await (const { name, id } of log.open()) {
    const run = (await log.find(name, id))?.run;
    if (run !== undefined && run !== null) runs.add(run);
  }
  return runs;
}

/**
 * Deletes what became of ticks before an instant, versions of schedules that others have replaced
 * before it, and schedules that were removed before it. The last tick of a schedule stays: those
 * after it are to be decided.
 * @param dryRun deletes nothing.
 * @returns locations of the objects.
 */
export async function collectTicks(
  store: ObjectStore,
  options: { readonly before: number; readonly now: number; readonly dryRun: boolean },
): Promise<string[]> {
  const registry = new ScheduleRegistry(store);
  const open = new Map<string, Set<TickId>>();
  for await (const { name, id } of new TickLog(store).open()) {
    open.set(name, (open.get(name) ?? new Set()).add(id));
  }
  const keys: string[] = [];
  for (const [name, last] of await registry.versions()) {
    const ids = open.get(name) ?? new Set<TickId>();
    const current = await registry.version(name, last);
    const isGone =
      current !== undefined &&
      isRemoved(current) &&
      ids.size === 0 &&
      Date.parse(current.at) < options.before;
    keys.push(...(await oldTicks(store, name, isGone, ids, options)));
    keys.push(...(await oldVersions(registry, name, last, isGone, ids, options.before)));
  }
  if (!options.dryRun) for (const key of keys) await store.delete(key);
  return keys.map((key) => store.locate(key));
}

async function oldTicks(
  store: ObjectStore,
  name: string,
  isGone: boolean,
  open: ReadonlySet<TickId>,
  { before, now }: { readonly before: number; readonly now: number },
): Promise<string[]> {
  const found: { readonly key: string; readonly id: TickId }[] = [];
  for await (const { key } of store.list(ticksPrefix(name))) {
    const event = eventOfKey(key);
    if (event !== undefined) found.push({ key, id: event.id });
  }
  const lastDue = found.findLast(({ id }) => parseTickId(id)?.trigger === undefined)?.id;
  const triggers = Math.min(before, now - TRIGGERS_MS);
  const old = found.filter(({ id }) => {
    if (isGone) return true;
    const { tick = now, trigger } = parseTickId(id) ?? {};
    return id !== lastDue && !open.has(id) && tick < (trigger === undefined ? before : triggers);
  });
  return old.map(({ key }) => key);
}

async function oldVersions(
  registry: ScheduleRegistry,
  name: string,
  last: number,
  isGone: boolean,
  open: ReadonlySet<TickId>,
  before: number,
): Promise<string[]> {
  const keys: string[] = [];
  // A tick that goes on has the version that its run was made of.
  for (let version = 0; version < last && open.size === 0; version++) {
    const next = await registry.version(name, version + 1);
    if (next !== undefined && Date.parse(next.at) >= before) break;
    keys.push(scheduleKey(name, version));
  }
  return isGone ? [...keys, scheduleKey(name, last)] : keys;
}
