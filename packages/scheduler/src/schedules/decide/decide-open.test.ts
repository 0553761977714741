import type { JobSchedule } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { scheduledWork } from '../../testing/schedule.js';
import { decideOpen, decideRetry } from './decide-open.js';
import { foldTick, newTick, type TickRecord } from '../ticks/fold-tick.js';
import { tickId } from '../store/schedule-layout.js';
import { NO_HISTORY, type ScheduleHead, withTick } from '../ticks/schedule-state.js';
import type { TickEvent } from '../ticks/tick-event.js';

const at = (time: string): number => Date.parse(`2026-11-22T${time}Z`);

function headOf(
  schedule: Partial<JobSchedule> = {},
  change: Partial<ScheduleHead> = {},
): ScheduleHead {
  return {
    name: 'hourly',
    version: 0,
    since: new Date(0).toISOString(),
    paused: false,
    removed: false,
    triggers: [],
    job: 'test',
    schedule: scheduledWork({ cron: '@hourly', timezone: 'UTC', ...schedule }).job.schedule,
    ...change,
  };
}

const started = (attempt = 1): TickEvent => ({
  kind: 'started',
  at: '',
  by: 's',
  version: 0,
  run: 'r',
  attempt,
  round: attempt - 1,
  late: false,
  local: null,
});
const running = (time: string) => newTick('hourly', tickId(at(time)), started());
const waiting = (time: string, overlap: 'queue' | 'replace' = 'queue') =>
  newTick('hourly', tickId(at(time)), {
    kind: 'queued',
    at: '',
    by: 's',
    version: 0,
    overlap,
    late: false,
  });
const failed = (time: string, retryAt: string): TickRecord =>
  foldTick(running(time), {
    kind: 'attempt-failed',
    at: '',
    round: 0,
    error: { code: 'INPUT_NOT_FOUND', message: 'm', remedy: 'r' },
    retryAt: new Date(at(retryAt)).toISOString(),
  });

const decide = (head: ScheduleHead, now: string, ...ticks: TickRecord[]) => {
  const { actions, until } = decideOpen(head, ticks.reduce(withTick, NO_HISTORY), at(now));
  return { until, actions: actions.map(({ kind, tick }) => `${kind} ${tick.id.slice(9, 13)}`) };
};

describe('a tick that waits', () => {
  it('starts when all before it have ended', () => {
    expect(decide(headOf(), '03:30', running('01:00'), waiting('02:00')).actions).toEqual([]);
    expect(decide(headOf(), '03:30', waiting('02:00'), waiting('03:00')).actions).toEqual([
      'start 0200',
    ]);
  });

  it('takes the place of all before it', () => {
    const ticks = [running('01:00'), waiting('02:00', 'replace'), waiting('03:00', 'replace')];
    expect(decide(headOf(), '03:00', ...ticks).actions).toEqual(['cancel 0100', 'skip 0200']);
    expect(
      decide(headOf(), '03:00', failed('01:00', '05:00'), waiting('02:00', 'replace')),
    ).toEqual({ actions: ['end 0100'], until: undefined });
  });

  it('goes on waiting while the schedule is paused, and ends with it', () => {
    expect(decide(headOf({}, { paused: true }), '03:00', waiting('02:00')).actions).toEqual([]);
    expect(decide(headOf({}, { removed: true }), '03:00', waiting('02:00')).actions).toEqual([
      'skip 0200',
    ]);
  });
});

describe('a tick that failed', () => {
  it('is tried again when its time has come', () => {
    const tick = failed('01:00', '01:20');
    expect(decide(headOf(), '01:19', tick)).toEqual({ actions: [], until: at('01:20') });
    expect(decide(headOf(), '01:20', tick).actions).toEqual(['start 0100']);
  });

  it('is tried as often as the schedule says', () => {
    const head = headOf({ retries: 1, retryDelay: '90s' });
    expect(decideRetry(head, running('01:00'), at('01:10'))).toEqual({ at: at('01:11:30') });
    const second = foldTick(failed('01:00', '01:20'), started(2));
    expect(decideRetry(head, second, at('01:30'))).toBeUndefined();
    expect(decideRetry(headOf({}, { removed: true }), running('01:00'), 0)).toBeUndefined();
  });
});

describe('a deadline', () => {
  const head = headOf({ deadline: '30m' });

  it('is reported once, whatever the tick does meanwhile', () => {
    expect(decide(head, '01:29', running('01:00')).until).toBe(at('01:30'));
    const ticks = [running('01:00'), waiting('02:00')];
    expect(decide(head, '02:10', ...ticks)).toEqual({
      actions: ['overdue 0100'],
      until: at('02:30'),
    });
    const reported = foldTick(running('01:00'), { kind: 'overdue', at: '', deadline: '' });
    expect(decide(head, '02:10', reported)).toEqual({ actions: [], until: undefined });
  });

  it('is none of a run that a person asked for', () => {
    const asked = newTick('hourly', `${tickId(at('01:00'))}-m000001`, started());
    expect(decide(head, '09:00', asked)).toEqual({ actions: [], until: undefined });
  });
});
