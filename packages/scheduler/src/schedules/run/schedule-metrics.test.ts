import { readFileSync } from 'node:fs';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { scheduledWork } from '../../testing/schedule.js';
import { tickId } from '../store/schedule-layout.js';
import { newTick } from '../ticks/fold-tick.js';
import { NO_HISTORY, type ScheduleHead, withTick } from '../ticks/schedule-state.js';
import type { TickEvent } from '../ticks/tick-event.js';
import { ScheduleMetrics } from './schedule-metrics.js';

const at = (time: string): number => Date.parse(`2026-11-22T${time}Z`);

const head: ScheduleHead = {
  name: 'hourly',
  version: 0,
  since: '2026-11-22T00:30:00.000Z',
  paused: false,
  removed: false,
  triggers: [],
  job: 'test',
  schedule: scheduledWork({ cron: '@hourly', timezone: 'UTC' }).job.schedule,
};
const started: TickEvent = {
  kind: 'started',
  at: '2026-11-22T01:00:01.000Z',
  by: 's',
  version: 0,
  run: 'r',
  attempt: 1,
  round: 0,
  late: false,
  local: null,
};

test('docs/metrics.md has each metric of schedules, and no other', () => {
  const registry = new Registry();
  void new ScheduleMetrics(registry, () => [], Date.now);
  const text = readFileSync(new URL('../../../../../docs/metrics.md', import.meta.url), 'utf8');
  const documented = [...text.matchAll(/^\| `(shardmill_schedule_\w+)`/gm)].map(([, n]) => n ?? '');
  const known = registry.getMetricsAsArray().map(({ name }) => name);
  expect(documented.toSorted()).toEqual(known.toSorted());
});

test('a schedule is late by the age of its oldest tick that has not ended', async () => {
  let now = at('00:59');
  let history = NO_HISTORY;
  const registry = new Registry();
  const metrics = new ScheduleMetrics(
    registry,
    () => [{ head, history }],
    () => now,
  );
  const lateness = async (): Promise<string | undefined> =>
    /lateness_seconds{schedule="hourly"} (\S+)/.exec(await registry.metrics())?.[1];
  expect(await lateness()).toBe('0');
  // No scheduler has taken it up.
  now = at('01:00:30');
  expect(await lateness()).toBe('30');
  const tick = newTick('hourly', tickId(at('01:00')), started);
  history = withTick(history, tick);
  metrics.written({ head, tick, event: started });
  now = at('01:01');
  expect(await lateness()).toBe('60');
  const ended = { kind: 'ended', at: '2026-11-22T01:02:00.000Z', outcome: 'finished' } as const;
  history = withTick(history, { ...tick, phase: 'finished', endedAt: ended.at });
  metrics.written({ head, tick, event: { ...ended, error: null, rows: null } });
  expect(await lateness()).toBe('0');
  const text = await registry.metrics();
  const success = Date.parse(ended.at) / 1000;
  expect(text).toContain(`last_success_timestamp_seconds{schedule="hourly"} ${success}`);
  expect(text).toContain('ticks_total{schedule="hourly",outcome="finished"} 1');
  expect(text).toContain('start_delay_seconds_sum 1');
});
