import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../testing/memory-store.js';
import { scheduledWork } from '../../testing/schedule.js';
import { ScheduleRegistry } from './schedule-registry.js';

const at = (minute: number) => ({ by: 'ann@laptop', now: new Date(minute * 60_000) });
const open = () => new ScheduleRegistry(new MemoryStore('memory'));
const keysOf = (registry: ScheduleRegistry): string[] =>
  registry.store instanceof MemoryStore ? [...registry.store.objects.keys()] : [];

describe('setting a schedule', () => {
  it('writes a version that carries everything its runs need', async () => {
    const registry = open();
    const work = scheduledWork({ retries: 2 }, { nulls: 'nan' });
    const { schedule, changed, before } = await registry.set('nightly', work, at(1));
    expect([changed, before]).toEqual([true, undefined]);
    expect(schedule).toMatchObject({
      name: 'nightly',
      version: 0,
      change: 'set',
      by: 'ann@laptop',
      since: '1970-01-01T00:01:00.000Z',
      paused: false,
      work,
    });
    expect(await registry.get('nightly')).toEqual(schedule);
    expect(keysOf(registry)).toEqual(['schedules/nightly.000000.json']);
  });

  it('writes nothing where it is like that already', async () => {
    const registry = open();
    await registry.set('nightly', scheduledWork(), at(1));
    const again = await registry.set('nightly', scheduledWork(), at(2));
    expect([again.changed, again.schedule.version]).toEqual([false, 0]);
    expect(keysOf(registry)).toHaveLength(1);
  });

  it('takes another order of output columns for another job', async () => {
    const registry = open();
    const ordered = (...names: string[]) =>
      scheduledWork(
        {},
        { output: { uri: 'o', columns: Object.fromEntries(names.map((n) => [n, n])) } },
      );
    await registry.set('nightly', ordered('a', 'b'), at(1));
    const { changed, schedule } = await registry.set('nightly', ordered('b', 'a'), at(2));
    expect([changed, Object.keys(schedule.work.job.output.columns)]).toEqual([true, ['b', 'a']]);
  });

  it('begins to count anew with other times, and not with another job', async () => {
    const registry = open();
    await registry.set('nightly', scheduledWork(), at(1));
    const otherJob = await registry.set('nightly', scheduledWork({}, { nulls: 'nan' }), at(2));
    expect(otherJob.schedule).toMatchObject({ version: 1, since: '1970-01-01T00:01:00.000Z' });
    const otherTimes = await registry.set('nightly', scheduledWork({ cron: '@hourly' }), at(3));
    expect(otherTimes.schedule).toMatchObject({ version: 2, since: '1970-01-01T00:03:00.000Z' });
  });

  it('leaves a paused schedule paused', async () => {
    const registry = open();
    await registry.set('nightly', scheduledWork(), at(1));
    await registry.pause('nightly', at(2));
    const { schedule } = await registry.set('nightly', scheduledWork({ cron: '@daily' }), at(3));
    expect(schedule.paused).toBe(true);
  });

  it('refuses a name that would reach other objects', async () => {
    await expect(open().set('../runs', scheduledWork(), at(1))).rejects.toThrow(RangeError);
  });
});

describe('changing a schedule', () => {
  it('adds a version for each change, and none where nothing changes', async () => {
    const registry = open();
    await registry.set('nightly', scheduledWork(), at(1));
    expect((await registry.pause('nightly', at(2))).schedule).toMatchObject({ version: 1 });
    expect((await registry.pause('nightly', at(3))).changed).toBe(false);
    const resumed = await registry.resume('nightly', at(4));
    expect(resumed.schedule).toMatchObject({ version: 2, change: 'resumed', paused: false });
    expect(resumed.schedule.since).toBe('1970-01-01T00:01:00.000Z');
    expect(await registry.versions()).toEqual(new Map([['nightly', 2]]));
  });

  it('removes it for everybody, until it is set again', async () => {
    const registry = open();
    await registry.set('nightly', scheduledWork(), at(1));
    await registry.remove('nightly', at(2));
    expect(await registry.find('nightly')).toBeUndefined();
    await expect(registry.pause('nightly', at(3))).rejects.toMatchObject({
      code: 'SCHEDULE_NOT_FOUND',
    });
    const again = await registry.set('nightly', scheduledWork(), at(4));
    expect(again).toMatchObject({
      changed: true,
      before: undefined,
      schedule: { version: 2, since: '1970-01-01T00:04:00.000Z' },
    });
  });

  it('keeps each trigger with the number of its own version', async () => {
    const registry = open();
    await registry.set('nightly', scheduledWork(), at(1));
    await registry.trigger('nightly', 60_000, null, at(2));
    const { schedule } = await registry.trigger('nightly', 120_000, 'overwrite', at(3));
    expect(schedule.triggers.map(({ number, tick, mode }) => [number, tick, mode])).toEqual([
      [1, '1970-01-01T00:01:00.000Z', null],
      [2, '1970-01-01T00:02:00.000Z', 'overwrite'],
    ]);
  });

  it('loses no change of those that are made at once', async () => {
    const registry = open();
    await registry.set('nightly', scheduledWork(), at(1));
    await Promise.all(
      Array.from({ length: 8 }, (_, i) => registry.trigger('nightly', i * 1000, null, at(2))),
    );
    const { version, triggers } = await registry.get('nightly');
    expect(version).toBe(8);
    expect(new Set(triggers.map(({ tick }) => tick)).size).toBe(8);
  });

  it('proposes the nearest name for one that is not there', async () => {
    const registry = open();
    await registry.set('nightly', scheduledWork(), at(1));
    await expect(registry.get('nigthly')).rejects.toMatchObject({
      code: 'SCHEDULE_NOT_FOUND',
      message: 'there is no schedule "nigthly". Did you mean "nightly"?',
    });
  });

  it('does not guess what an unreadable version says', async () => {
    const registry = open();
    await registry.set('nightly', scheduledWork(), at(1));
    await registry.store.create('schedules/nightly.000001.json', Buffer.from('{"format":"x"}'));
    await expect(registry.get('nightly')).rejects.toMatchObject({
      code: 'PLAN_MISMATCH',
      where: 'memory/schedules/nightly.000001.json',
    });
  });
});
