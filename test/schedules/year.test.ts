import { parseTickId } from '@shardmill/scheduler';
import { describe, expect, it } from 'vitest';
import { expectedTicks } from './expected-ticks.js';
import { type SimOutcome, type SimSchedule, SimYear } from './sim-year.js';

/** Half-hour offsets, both hemispheres, a gap of half an hour, a gap at midnight, rules that changed. */
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'America/Asuncion',
  'Africa/Cairo',
  'Asia/Kolkata',
  'Australia/Adelaide',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Asia/Dubai',
];
const FROM = Date.parse('2024-07-01T00:00:10Z');
const TO = Date.parse('2025-07-01T00:00:10Z');

const slug = (zone: string): string => zone.toLowerCase().replaceAll(/[^a-z]/g, '-');
const everything = {
  catchUp: 'all',
  catchUpLimit: 200,
  overlap: 'queue',
  retries: 5,
  retryDelay: '5m',
} as const;

/** Around the changes of clocks in both hemispheres: others than daily ones are many. */
const SEASONS = [
  { start: '2024-09-25T00:00Z', end: '2024-11-05T00:00Z' },
  { start: '2025-03-25T00:00Z', end: '2025-04-30T00:00Z' },
];

const lossless: SimSchedule[] = [
  ...ZONES.map((timezone) => ({
    name: `${slug(timezone)}-daily`,
    schedule: { cron: '30 2 * * *', timezone, ...everything },
  })),
  ...['America/Santiago', 'Africa/Cairo'].map((timezone) => ({
    name: `${slug(timezone)}-list`,
    schedule: { cron: '15 0,3 * * *', timezone, ...everything },
  })),
  ...SEASONS.flatMap((season, i) => [
    ...['Australia/Lord_Howe'].map((timezone) => ({
      name: `${slug(timezone)}-hours-${i}`,
      schedule: { cron: '0 */2 * * *', timezone, ...season, ...everything },
    })),
    ...['America/Santiago', 'Africa/Cairo'].map((timezone) => ({
      name: `${slug(timezone)}-steps-${i}`,
      schedule: { cron: '*/30 0-3 * * *', timezone, ...season, ...everything },
    })),
  ]),
];
const lossy: SimSchedule[] = [
  {
    name: 'none',
    schedule: { cron: '0 */12 * * *', timezone: 'America/New_York', catchUp: 'none' },
  },
  {
    name: 'latest',
    schedule: { cron: '10 */6 * * *', timezone: 'Asia/Kolkata', catchUp: 'latest' },
  },
];

const expectedOf = ({ schedule: { cron, timezone, start, end } }: SimSchedule): number[] =>
  expectedTicks(
    cron,
    timezone ?? 'UTC',
    start === undefined ? FROM : Date.parse(start) - 1,
    end === undefined ? TO : Date.parse(end),
  );
const textOf = (tick: number): string => new Date(tick).toISOString();

function runsOf({ runs }: SimOutcome, name: string): number[] {
  return runs.filter(({ schedule }) => schedule === name).map(({ tick }) => tick);
}

describe('a year of schedules', () => {
  it('has one run of each tick, whatever happens to the schedulers and their clocks', async () => {
    const schedules = [...lossless, ...lossy];
    const year = new SimYear({ seed: 1, from: FROM, to: TO, schedules, processes: 3 });
    const outcome = await year.run();
    for (const schedule of lossless) {
      const started = runsOf(outcome, schedule.name).toSorted((a, b) => a - b);
      expect(started.map(textOf), schedule.name).toEqual(expectedOf(schedule).map(textOf));
    }
    // What is left out is left out by a decision that says so.
    for (const schedule of lossy) {
      const { name } = schedule;
      const expected = expectedOf(schedule);
      const started = runsOf(outcome, name);
      expect(new Set(started).size, name).toBe(started.length);
      const skipped: number[] = [];
      for (const id of await outcome.ticks.ids(name)) {
        const [first] = (await outcome.ticks.find(name, id))?.events ?? [];
        if (first?.kind !== 'skipped') continue;
        const from = parseTickId(id)?.tick ?? 0;
        const to = Date.parse(first.through);
        skipped.push(...expected.filter((tick) => tick >= from && tick <= to));
      }
      const all = [...started, ...skipped].toSorted((a, b) => a - b);
      expect(all.map(textOf), name).toEqual(expected.map(textOf));
      expect(skipped.length, name).toBeGreaterThan(0);
      expect(started.length, name).toBeGreaterThan(expected.length / 2);
    }
    // None before its time by the clock of the scheduler that decided, which is five minutes ahead at most.
    for (const { tick, submittedAt } of outcome.runs) {
      expect(submittedAt).toBeGreaterThanOrEqual(tick - 300_000);
    }
    for (const schedule of schedules) {
      for (const id of await outcome.ticks.ids(schedule.name)) {
        const found = await outcome.ticks.find(schedule.name, id);
        const [first] = found?.events ?? [];
        expect(Date.parse(first?.at ?? '')).toBeGreaterThanOrEqual(parseTickId(id)?.tick ?? 0);
        expect(found?.endedAt, `${schedule.name} ${id}`).not.toBeNull();
      }
    }
    for (const [fault, times] of Object.entries(outcome.faults)) {
      expect(times, fault).toBeGreaterThan(5);
    }
  }, 300_000);
});
