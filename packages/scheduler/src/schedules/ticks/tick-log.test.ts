import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../testing/memory-store.js';
import { tickId } from '../store/schedule-layout.js';
import type { TickEvent } from './tick-event.js';
import { TickLog } from './tick-log.js';

const NOW = '2026-11-22T01:00:01.000Z';
const TICK = Date.parse('2026-11-22T01:00:00Z');
const ID = tickId(TICK);

const started = (by: string, attempt = 1): TickEvent => ({
  kind: 'started',
  at: NOW,
  by,
  version: 0,
  run: `run-of-${by}`,
  attempt,
  round: attempt - 1,
  late: false,
  local: null,
});
const ended: TickEvent = { kind: 'ended', at: NOW, outcome: 'finished', error: null, rows: null };
const failed: TickEvent = {
  kind: 'attempt-failed',
  at: NOW,
  round: 0,
  error: { code: 'INPUT_NOT_FOUND', message: 'm', remedy: 'r' },
  retryAt: NOW,
};

const open = () => {
  const store = new MemoryStore('memory');
  return { store, log: new TickLog(store) };
};
const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};

describe('deciding a tick', () => {
  it('is done once, by the first scheduler, and the others see what was decided', async () => {
    const { log } = open();
    const decisions = await Promise.all(
      ['a', 'b', 'c'].map((by) => log.decide('nightly', ID, started(by))),
    );
    expect(decisions.filter(({ decided }) => decided)).toHaveLength(1);
    expect(new Set(decisions.map(({ tick }) => tick.run)).size).toBe(1);
  });

  it('marks a tick that goes on, and nothing that was skipped', async () => {
    const { log, store } = open();
    await log.decide('nightly', ID, started('a'));
    const skipped = { kind: 'skipped', at: NOW, by: 'a', version: 0, reason: 'missed' } as const;
    const later = tickId(TICK + 1000);
    await log.decide('nightly', later, { ...skipped, through: NOW, ticks: 1 });
    expect(await all(log.open())).toEqual([{ name: 'nightly', id: ID }]);
    expect([...store.objects.keys()].toSorted()).toEqual([
      'open-ticks/nightly.20261122T010000Z',
      'ticks/nightly/20261122T010000Z.000.json',
      'ticks/nightly/20261122T010001Z.000.json',
    ]);
    expect(await log.ids('nightly')).toEqual([ID, later]);
  });

  it('leaves no marker where another scheduler had decided, and seen the end', async () => {
    const { log } = open();
    const { tick } = await log.decide('nightly', ID, started('a'));
    await log.append(tick, ended);
    await log.decide('nightly', ID, started('b'));
    expect(await all(log.open())).toEqual([]);
  });
});

describe('the events of a tick', () => {
  it('come to its phase, attempt after attempt', async () => {
    const { log } = open();
    let { tick } = await log.decide('nightly', ID, started('a'));
    for (const event of [failed, started('a', 2), ended]) {
      tick = (await log.append(tick, event)) ?? tick;
    }
    expect(tick).toMatchObject({ phase: 'finished', attempt: 2, round: 1, endedAt: NOW });
    expect(await log.find('nightly', ID)).toEqual(tick);
    expect(await all(log.open())).toEqual([]);
  });

  it('are written by one of many who saw the same', async () => {
    const { log } = open();
    const { tick } = await log.decide('nightly', ID, started('a'));
    const later: TickEvent = { ...failed, at: '2026-11-22T01:00:02.000Z' };
    const written = await Promise.all([log.append(tick, failed), log.append(tick, later)]);
    expect(written.filter((one) => one !== undefined)).toHaveLength(1);
    expect((await log.refresh(tick)).events).toHaveLength(2);
  });

  it('follow on one another only as they can', async () => {
    const { log } = open();
    await expect(log.decide('nightly', ID, ended)).rejects.toThrow(RangeError);
    const { tick } = await log.decide('nightly', ID, started('a'));
    const over = await log.append(tick, { kind: 'overdue', at: NOW, deadline: NOW });
    if (over === undefined) throw new Error('no other process wrote');
    await expect(log.append(over, { kind: 'overdue', at: NOW, deadline: NOW })).rejects.toThrow(
      RangeError,
    );
    const queued = { kind: 'queued', at: NOW, by: 'a', version: 0, overlap: 'queue' } as const;
    await expect(log.append(over, { ...queued, late: false })).rejects.toThrow(RangeError);
  });

  it('are not guessed where they cannot be read', async () => {
    const { log, store } = open();
    await log.decide('nightly', ID, started('a'));
    await store.create(`ticks/nightly/${ID}.001.json`, Buffer.from('{"kind":"queued"}'));
    await expect(log.find('nightly', ID)).rejects.toMatchObject({ code: 'PLAN_MISMATCH' });
  });
});
