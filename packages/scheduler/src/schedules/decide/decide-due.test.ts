import type { JobSchedule } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { scheduledWork } from '../../testing/schedule.js';
import { decideDue } from './decide-due.js';
import { newTick, type TickRecord } from '../ticks/fold-tick.js';
import { jitterMs } from './jitter.js';
import { tickId } from '../store/schedule-layout.js';
import {
  NO_HISTORY,
  type ScheduleHead,
  type TickHistory,
  withTick,
} from '../ticks/schedule-state.js';

const at = (time: string): number => Date.parse(`2026-11-22T${time}Z`);

function headOf(
  schedule: Partial<JobSchedule> = {},
  change: Partial<ScheduleHead> = {},
): ScheduleHead {
  return {
    name: 'hourly',
    version: 0,
    since: new Date(at('00:30')).toISOString(),
    paused: false,
    removed: false,
    triggers: [],
    job: 'test',
    schedule: scheduledWork({ cron: '@hourly', timezone: 'UTC', ...schedule }).job.schedule,
    ...change,
  };
}

const running = (time: string, late = false): TickRecord =>
  newTick('hourly', tickId(at(time)), {
    kind: 'started',
    at: '',
    by: 's',
    version: 0,
    run: 'r',
    attempt: 1,
    round: 0,
    late,
    local: null,
  });
const waiting = (time: string): TickRecord =>
  newTick('hourly', tickId(at(time)), {
    kind: 'queued',
    at: '',
    by: 's',
    version: 0,
    overlap: 'queue',
    late: false,
  });
const historyOf = (...ticks: TickRecord[]): TickHistory => ticks.reduce(withTick, NO_HISTORY);
const decided = (time: string): TickHistory => ({ ...NO_HISTORY, cursor: at(time) });

describe('a tick that is due', () => {
  it('is waited for until it is, by the clock of the scheduler', () => {
    expect(decideDue(headOf(), NO_HISTORY, at('00:59:59'))).toEqual({
      kind: 'wait',
      until: at('01:00'),
    });
    expect(decideDue(headOf(), NO_HISTORY, at('01:00'))).toEqual({
      kind: 'start',
      tick: at('01:00'),
      late: false,
    });
  });

  it('is one after the schedule was set, and after what was decided', () => {
    expect(decideDue(headOf(), NO_HISTORY, at('00:31'))).toMatchObject({ until: at('01:00') });
    expect(decideDue(headOf(), decided('01:00'), at('01:30'))).toMatchObject({
      until: at('02:00'),
    });
  });

  it('is not there for a clock that is behind what was decided', () => {
    expect(decideDue(headOf(), decided('05:00'), at('01:30'))).toEqual({
      kind: 'wait',
      until: at('06:00'),
    });
  });

  it.each<[string, Partial<JobSchedule>, Partial<ScheduleHead>]>([
    ['is paused', {}, { paused: true }],
    ['is removed', {}, { removed: true }],
    ['is not enabled', { enabled: false }, {}],
    ['has ended', { end: '2026-11-22T00:45Z' }, {}],
  ])('is none where the schedule %s', (_what, schedule, change) => {
    expect(decideDue(headOf(schedule, change), NO_HISTORY, at('03:00'))).toEqual({
      kind: 'wait',
      until: undefined,
    });
  });

  it('starts later by the jitter of its schedule, the same for each tick', () => {
    const head = headOf({ jitter: '10m' });
    const jitter = jitterMs('hourly', head.schedule);
    expect(jitter).toBeGreaterThan(0);
    expect(jitter).toBeLessThan(600_000);
    expect(jitterMs('daily', head.schedule)).not.toBe(jitter);
    expect(decideDue(head, NO_HISTORY, at('01:00'))).toEqual({
      kind: 'wait',
      until: at('01:00') + jitter,
    });
    expect(decideDue(head, NO_HISTORY, at('01:00') + jitter)).toMatchObject({
      kind: 'start',
      tick: at('01:00'),
    });
  });
});

describe('a tick that is due while an earlier one goes on', () => {
  const now = at('02:00');

  it('is skipped, waits, or takes its place', () => {
    const of = (overlap: JobSchedule['overlap']) =>
      decideDue(headOf({ overlap }), historyOf(running('01:00')), now);
    expect(of('skip')).toEqual({
      kind: 'skip',
      tick: now,
      through: now,
      ticks: 1,
      reason: 'overlap',
    });
    expect(of('queue')).toEqual({ kind: 'queue', tick: now, late: false, overlap: 'queue' });
    expect(of('replace')).toEqual({ kind: 'queue', tick: now, late: false, overlap: 'replace' });
  });

  it('waits behind those that are caught up with, where it would be skipped', () => {
    expect(decideDue(headOf(), historyOf(running('01:00', true)), now)).toMatchObject({
      kind: 'queue',
    });
  });

  it('is skipped where as many wait as may', () => {
    const history = historyOf(running('00:00'), waiting('01:00'));
    const head = headOf({ overlap: 'queue', catchUpLimit: 1 });
    expect(decideDue(head, history, now)).toMatchObject({ kind: 'skip', reason: 'queue-full' });
  });

  it('takes no notice of a run that a person asked for', () => {
    const { events } = running('00:15');
    const asked = { ...running('00:15'), id: `${tickId(at('00:15'))}-m000001`, events };
    expect(decideDue(headOf(), historyOf(asked), at('01:00'))).toMatchObject({ kind: 'start' });
  });
});

describe('ticks that were missed', () => {
  // 01:00 to 05:00 were; it is 05:30.
  const now = at('05:30');
  const of = (schedule: Partial<JobSchedule>, history = NO_HISTORY, time = now) =>
    decideDue(headOf(schedule), history, time);

  it('are left out', () => {
    expect(of({ catchUp: 'none' })).toEqual({
      kind: 'skip',
      tick: at('01:00'),
      through: at('05:00'),
      ticks: 5,
      reason: 'missed',
    });
  });

  it('are made up for by the latest one', () => {
    expect(of({ catchUp: 'latest' })).toMatchObject({
      kind: 'skip',
      tick: at('01:00'),
      through: at('04:00'),
      ticks: 4,
    });
    expect(of({ catchUp: 'latest' }, decided('04:00'))).toEqual({
      kind: 'start',
      tick: at('05:00'),
      late: true,
    });
  });

  it('are made up for by one that is on time', () => {
    expect(of({ catchUp: 'latest' }, NO_HISTORY, at('06:00:30'))).toMatchObject({
      kind: 'skip',
      through: at('05:00'),
    });
    expect(of({ catchUp: 'latest' }, decided('05:00'), at('06:00:30'))).toEqual({
      kind: 'start',
      tick: at('06:00'),
      late: false,
    });
  });

  it('all run, one after the other, whatever overlap says', () => {
    expect(of({ catchUp: 'all' })).toEqual({ kind: 'start', tick: at('01:00'), late: true });
    expect(of({ catchUp: 'all', overlap: 'skip' }, historyOf(running('01:00', true)))).toEqual({
      kind: 'queue',
      tick: at('02:00'),
      late: true,
      overlap: 'queue',
    });
  });

  it('run up to the limit, the latest of them', () => {
    expect(of({ catchUp: 'all', catchUpLimit: 2 })).toMatchObject({
      kind: 'skip',
      tick: at('01:00'),
      through: at('03:00'),
      ticks: 3,
    });
  });

  it('were not missed by a scheduler that was restarted meanwhile', () => {
    expect(of({ catchUp: 'none' }, decided('04:00'), at('05:00:59'))).toMatchObject({
      kind: 'start',
      late: false,
    });
  });

  it('are one decision, however many they are', () => {
    const year = Date.parse('2027-11-22T00:00:00.500Z');
    const everySecond = of({ cron: '* * * * * *', catchUp: 'latest' }, NO_HISTORY, year);
    expect(everySecond).toMatchObject({ kind: 'skip', ticks: undefined, reason: 'missed' });
    // The last minute was not missed.
    expect(everySecond).toMatchObject({ through: year - 500 - 60_000 });
  });
});
