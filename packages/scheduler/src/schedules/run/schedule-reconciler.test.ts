import type { ObjectInfo } from '@shardmill/core';
import { expect, test } from 'vitest';
import { MemoryStore } from '../../testing/memory-store.js';
import { scheduledWork } from '../../testing/schedule.js';
import { RunRegistry } from '../../state/run-registry.js';
import { ScheduleRegistry } from '../store/schedule-registry.js';
import { SummaryPages } from '../ticks/summary-pages.js';
import { TickLog } from '../ticks/tick-log.js';
import { FleetTickRuns } from './fleet-tick-runs.js';
import {
  SCHEDULE_SETTINGS,
  ScheduleReconciler,
  type ScheduleReconcilerOptions,
} from './schedule-reconciler.js';

const SILENT = { info: () => {}, warn: () => {}, error: () => {} };
const at = (time: string): number => Date.parse(`2026-11-22T${time}Z`);

/** A reconciler whose clock is set by hand. */
function reconcilerOn(store: MemoryStore, noteLate?: ScheduleReconcilerOptions['noteLate']) {
  const clock = { ms: at('00:00'), now: () => clock.ms, sleep: async () => {} };
  const reconciler = new ScheduleReconciler({
    registry: new ScheduleRegistry(store),
    ticks: new TickLog(store),
    summaries: new SummaryPages(store),
    runs: new FleetTickRuns({ runs: new RunRegistry(store), announce: () => {} }),
    by: 's1',
    clock,
    log: SILENT,
    settings: SCHEDULE_SETTINGS,
    leads: () => true,
    noteLate,
  });
  return { clock, reconciler };
}

const hourly = { cron: '@hourly', timezone: 'UTC' };
const set = (store: MemoryStore, work = scheduledWork(hourly)) =>
  new ScheduleRegistry(store).set('hourly', work, { by: 'me', now: new Date(at('00:00')) });

test('a tick has the run that its decision names, when it is due and not before', async () => {
  const store = new MemoryStore('memory');
  await set(store);
  const { clock, reconciler } = reconcilerOn(store);
  clock.ms = at('00:59:59');
  await reconciler.reconcile();
  expect(await new TickLog(store).ids('hourly')).toEqual([]);
  clock.ms = at('01:00');
  await reconciler.reconcile();
  const tick = await new TickLog(store).find('hourly', '20261122T010000Z');
  const run = await new RunRegistry(store).resolve(tick?.run ?? '');
  expect(run.request).toMatchObject({
    submittedBy: 'schedule hourly',
    tick: { schedule: 'hourly', id: '20261122T010000Z', at: '2026-11-22T01:00:00.000Z' },
    job: { output: { uri: '/jobs/test/out/ds=2026-11-22' } },
  });
});

test('a tick of which no run can be made fails, and the next one is tried', async () => {
  const store = new MemoryStore('memory');
  const output = { uri: 'out/{{ region }}', columns: { a: 'a' } };
  await set(store, scheduledWork(hourly, { output }));
  const { clock, reconciler } = reconcilerOn(store);
  for (const time of ['01:00', '02:00']) {
    clock.ms = at(time);
    await reconciler.reconcile();
  }
  const log = new TickLog(store);
  for (const id of ['20261122T010000Z', '20261122T020000Z']) {
    expect((await log.find('hourly', id))?.events.at(-1)).toMatchObject({
      kind: 'ended',
      outcome: 'failed',
      error: { code: 'PARAMETER_UNKNOWN' },
    });
  }
});

test('what another scheduler started is seen to its end', async () => {
  const store = new MemoryStore('memory');
  await set(store);
  const first = reconcilerOn(store);
  first.clock.ms = at('01:00');
  await first.reconciler.reconcile();
  const log = new TickLog(store);
  const { run } = (await log.find('hourly', '20261122T010000Z')) ?? {};
  const runs = new RunRegistry(store);
  await runs.cancel(run ?? '', 'me', new Date(at('01:01')));
  const seen = await runs.resolve(run ?? '');
  await runs.append(seen, { kind: 'cancelled', at: '2026-11-22T01:01:00.000Z' });
  const second = reconcilerOn(store);
  second.clock.ms = at('01:02');
  await second.reconciler.reconcile();
  expect((await log.find('hourly', '20261122T010000Z'))?.phase).toBe('cancelled');
});

test('closing waits for no store that does not answer', async () => {
  class SilentStore extends MemoryStore {
    override list(): AsyncIterable<ObjectInfo> {
      const next = (): Promise<IteratorResult<ObjectInfo>> => new Promise(() => {});
      return { [Symbol.asyncIterator]: () => ({ next }) };
    }
  }
  const { reconciler } = reconcilerOn(new SilentStore('memory'));
  reconciler.start();
  await reconciler.close();
  expect(reconciler.problem).toBe('the schedules were not read yet');
});

test('a tick whose run has not finished by its deadline is notified of once, before it is noted', async () => {
  const store = new MemoryStore('memory');
  const log = new TickLog(store);
  await set(store, scheduledWork({ ...hourly, deadline: '10m' }));
  const notified: unknown[] = [];
  const { clock, reconciler } = reconcilerOn(store, async (late) => {
    const tick = await log.find('hourly', late.id);
    notified.push({ ...late, kinds: tick?.events.map(({ kind }) => kind) });
  });
  for (const time of ['01:00', '01:09:59', '01:10', '01:11']) {
    clock.ms = at(time);
    await reconciler.reconcile();
  }
  const tick = await log.find('hourly', '20261122T010000Z');
  expect(tick?.events.map(({ kind }) => kind)).toContain('overdue');
  expect(notified).toEqual([
    expect.objectContaining({
      schedule: 'hourly',
      id: '20261122T010000Z',
      tick: '2026-11-22T01:00:00.000Z',
      deadline: '2026-11-22T01:10:00.000Z',
      run: tick?.run,
      kinds: expect.not.arrayContaining(['overdue']),
    }),
  ]);
});
