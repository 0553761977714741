import type { ListedSchedule, ListedTick, SyncedSchedule } from '@shardmill/client/schedules';
import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../testing/samples.js';
import { visibleLength } from '../text/text-layout.js';
import { schedulesTable } from './schedules-table.js';
import { tickRemark } from './state-text.js';
import { syncReport } from './sync-report.js';
import { nextTable, ticksTable } from './ticks-table.js';
import { distanceText, utcTime, zonedTime } from './time-text.js';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const MINUTE_MS = 60_000;

const tick = (change: Partial<ListedTick> = {}): ListedTick => ({
  id: '20261122T010000Z',
  tick: Date.parse('2026-11-22T01:00:00Z'),
  triggered: false,
  phase: 'finished',
  reason: null,
  through: null,
  ticks: null,
  run: '20261122T010001Z-00000000',
  attempts: 1,
  overdue: false,
  startedAt: '2026-11-22T01:00:01Z',
  endedAt: '2026-11-22T01:12:01Z',
  retryAt: null,
  error: null,
  ...change,
});
const schedule = (change: Partial<ListedSchedule> = {}): ListedSchedule => ({
  name: 'nightly',
  job: 'nightly',
  cron: '0 5 * * *',
  timezone: 'Asia/Dubai',
  state: 'ok',
  next: Date.parse('2026-11-23T01:00:00Z'),
  latenessMs: 0,
  last: tick(),
  lastSuccess: tick(),
  open: [],
  ...change,
});
const LONG = schedule({
  name: 'a-name-of-a-schedule-that-is-as-long-as-a-name-may-be-63-letters',
  state: 'retrying',
  cron: '0,10,20,30,40,50 1,2,3,4,5 1-7 * MON-FRI',
  timezone: 'America/Argentina/ComodRivadavia',
  latenessMs: 47 * 3_600_000,
});
const FAILED = tick({
  phase: 'failed',
  attempts: 3,
  overdue: true,
  error: { code: 'INPUT_FOOTER_TOO_LARGE', message: 'm' },
});

describe.each([60, 100])('on a terminal of %i columns', (width) => {
  const style = { ...PLAIN, width };
  it.each([
    ['schedules', schedulesTable([schedule(), LONG], NOW, style)],
    ['ticks', ticksTable('nightly', [tick(), FAILED], 'Asia/Kathmandu', NOW, style)],
    ['next ticks', nextTable('n', { timezone: 'Asia/Kathmandu', ticks: [NOW] }, style)],
  ])('no line of the %s is longer', (_what, text) => {
    for (const line of text.split('\n')) expect(visibleLength(line)).toBeLessThanOrEqual(width);
  });
});

it('the table of schedules says how each stands, and how late it is', () => {
  const late = schedule({ name: 'late', state: 'late', latenessMs: 12 * MINUTE_MS, last: null });
  expect(schedulesTable([schedule(), late], NOW, { ...PLAIN, width: 100 }).split('\n')).toEqual([
    'schedule  state   last      next     late    cron       zone',
    'nightly   ✓ ok    11 h ago  in 13 h          0 5 * * *  Asia/Dubai',
    'late      ✗ late  –         in 13 h  12 min  0 5 * * *  Asia/Dubai',
  ]);
});

it('the history says what became of each tick, in the time zone of the schedule', () => {
  const skipped = tick({
    phase: 'skipped',
    reason: 'missed',
    ticks: 3,
    run: null,
    startedAt: null,
  });
  const text = ticksTable('n', [FAILED, skipped], 'Asia/Dubai', NOW, { ...PLAIN, width: 100 });
  expect(text).toContain(
    '2026-11-22 05:00 +04:00  ✗ failed   12 min 00 s  20261122T010001Z-00000000',
  );
  expect(tickRemark(FAILED)).toBe('INPUT_FOOTER_TOO_LARGE, attempt 3, past its deadline');
  expect(tickRemark(skipped)).toBe('3 ticks, no scheduler was there');
  expect(tickRemark(tick({ triggered: true }))).toBe('asked for');
});

it('what sync does is a line for each schedule, with what is changed', () => {
  const one = (change: Partial<SyncedSchedule>): SyncedSchedule => ({
    name: 'a',
    outcome: 'unchanged',
    file: '/home/ada/jobs/a/job.yaml',
    changes: [],
    notices: [],
    ...change,
  });
  const synced = [
    one({ outcome: 'changed', changes: ['job.schedule.cron'] }),
    one({ name: 'b', outcome: 'kept', file: null }),
  ];
  expect(syncReport(synced, true, { ...PLAIN, cwd: '/home/ada' }).split('\n')).toEqual([
    '~ a  changed, jobs/a/job.yaml',
    '    job.schedule.cron',
    '  b  not in the folder, kept: --prune removes it',
    '',
    '0 added, 1 changed, 0 removed, 1 as before  nothing was changed',
  ]);
});

it('times are in the zone, with its offset, and distances in one unit', () => {
  expect(zonedTime(NOW, 'Asia/Kathmandu')).toBe('2026-11-22 17:45 +05:45');
  expect(zonedTime(NOW + 1000, 'America/New_York')).toBe('2026-11-22 07:00:01 -05:00');
  expect(utcTime(NOW)).toBe('2026-11-22 12:00 Z');
  const distances = [0, 59_000, 3_599_000, 47 * 3_600_000, 72 * 3_600_000];
  expect(distances.map((ms) => distanceText(NOW + ms, NOW))).toEqual([
    'now',
    'in 59 s',
    'in 59 min',
    'in 47 h',
    'in 3 d',
  ]);
  expect(distanceText(NOW - 61_000, NOW)).toBe('1 min ago');
});
