import { expect, test } from 'vitest';
import { MemoryStore } from '../../testing/memory-store.js';
import { scheduledWork } from '../../testing/schedule.js';
import { ScheduleRegistry } from '../store/schedule-registry.js';
import { tickId } from '../store/schedule-layout.js';
import { collectTicks, runsOfOpenTicks } from './collect-ticks.js';
import type { TickEvent } from './tick-event.js';
import { TickLog } from './tick-log.js';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 22);
const daysAgo = (days: number): number => NOW - days * DAY_MS;
const changer = (days: number) => ({ by: 'ann@laptop', now: new Date(daysAgo(days)) });

const started: TickEvent = {
  kind: 'started',
  at: '2026-11-22T01:00:01.000Z',
  by: 's',
  version: 0,
  run: 'r1',
  attempt: 1,
  round: 0,
  late: false,
  local: null,
};
const ended: TickEvent = {
  kind: 'ended',
  at: '2026-11-22T02:00:00.000Z',
  outcome: 'finished',
  error: null,
  rows: null,
};

async function place() {
  const store = new MemoryStore('memory');
  const [registry, log] = [new ScheduleRegistry(store), new TickLog(store)];
  const tick = async (days: number, end = true, trigger?: number): Promise<void> => {
    const { tick: seen } = await log.decide('nightly', tickId(daysAgo(days), trigger), started);
    if (end) await log.append(seen, ended);
  };
  const collect = (dryRun = false) =>
    collectTicks(store, { before: daysAgo(30), now: NOW, dryRun });
  await registry.set('nightly', scheduledWork(), changer(90));
  return { store, registry, log, tick, collect };
}

test('old ticks are deleted, but for the last one and those that go on', async () => {
  const { log, tick, collect } = await place();
  await tick(60);
  await tick(50, false);
  await tick(40);
  expect(await collect(true)).toHaveLength(2);
  await collect();
  expect(await log.ids('nightly')).toEqual([tickId(daysAgo(50)), tickId(daysAgo(40))]);
  await tick(1);
  await collect();
  expect(await log.ids('nightly')).toEqual([tickId(daysAgo(50)), tickId(daysAgo(1))]);
});

test('a tick that was asked for stays as long as it could be asked for again', async () => {
  const { store, log, tick } = await place();
  await tick(1);
  await tick(1.5, true, 7);
  const hourAgo = { before: NOW - 3_600_000, now: NOW, dryRun: false };
  await collectTicks(store, hourAgo);
  expect(await log.ids('nightly')).toContain(tickId(daysAgo(1.5), 7));
});

test('versions that were replaced long ago are deleted, unless a tick goes on', async () => {
  const { store, registry, tick, collect } = await place();
  await registry.pause('nightly', changer(60));
  await registry.resume('nightly', changer(10));
  await tick(1, false);
  await collect();
  expect((await registry.version('nightly', 0))?.version).toBe(0);
  const log = new TickLog(store);
  const seen = await log.find('nightly', tickId(daysAgo(1)));
  if (seen === undefined) throw new Error('the tick is there');
  await log.append(seen, ended);
  await collect();
  expect(await registry.version('nightly', 0)).toBeUndefined();
  expect((await registry.version('nightly', 1))?.version).toBe(1);
  expect((await registry.get('nightly')).version).toBe(2);
});

test('nothing is left of a schedule that was removed long ago', async () => {
  const { store, registry, tick, collect } = await place();
  await tick(50);
  await registry.remove('nightly', changer(40));
  await collect();
  expect([...store.objects.keys()]).toEqual([]);
});

test('runs of ticks that go on are named, so that their logs stay', async () => {
  const { store, tick } = await place();
  await tick(60, false);
  expect(await runsOfOpenTicks(store)).toEqual(new Set(['r1']));
});
