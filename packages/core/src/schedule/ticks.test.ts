import { describe, expect, it } from 'vitest';
import {
  intervalOf,
  isTick,
  lastTick,
  lastTicks,
  logicalDate,
  nextTick,
  nextTicks,
  type ScheduleTiming,
  ticksBetween,
} from './ticks.js';

const at = (text: string): number => Date.parse(text);
const texts = (ticks: readonly number[]): string[] =>
  ticks.map((tick) => new Date(tick).toISOString().replace(':00.000Z', 'Z'));
const timing = (cron: string, timezone = 'UTC', window: Partial<ScheduleTiming> = {}) => ({
  cron,
  timezone,
  ...window,
});

describe('daylight saving', () => {
  // Berlin leaves 02:00 out on 29 March and has it twice on 25 October.
  it.each<[what: string, cron: string, zone: string, after: string, expected: string[]]>([
    [
      'a time of day that does not exist is due at the end of the gap',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      ['2026-03-29T01:00Z', '2026-03-30T00:30Z'],
    ],
    [
      'a time of day that is there twice is due the first time',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00Z',
      ['2026-10-25T00:30Z', '2026-10-26T01:30Z'],
    ],
    [
      'a list of times of day is no different',
      '0 2,14 * * *',
      'Europe/Berlin',
      '2026-03-28T22:00Z',
      ['2026-03-29T01:00Z', '2026-03-29T12:00Z', '2026-03-30T00:00Z'],
    ],
    [
      'every hour is every hour that passes',
      '0 * * * *',
      'Europe/Berlin',
      '2026-10-24T23:30Z',
      ['2026-10-25T00:00Z', '2026-10-25T01:00Z', '2026-10-25T02:00Z'],
    ],
    [
      'every half hour goes on through the gap',
      '*/30 * * * *',
      'Europe/Berlin',
      '2026-03-29T00:00Z',
      ['2026-03-29T00:30Z', '2026-03-29T01:00Z', '2026-03-29T01:30Z'],
    ],
    [
      'a wildcard within the hour that does not exist has no tick that day',
      '*/30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      ['2026-03-30T00:00Z', '2026-03-30T00:30Z'],
    ],
    [
      'a gap of half an hour',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-02T16:00Z',
      ['2026-10-03T15:30Z', '2026-10-04T15:15Z'],
    ],
    [
      'a midnight that does not exist',
      '0 0 * * *',
      'America/Santiago',
      '2026-09-05T12:00Z',
      ['2026-09-06T04:00Z', '2026-09-07T03:00Z'],
    ],
    [
      'a zone that gave daylight saving up',
      '0 3 * * *',
      'America/Mexico_City',
      '2022-10-29T12:00Z',
      ['2022-10-30T09:00Z', '2022-10-31T09:00Z'],
    ],
    [
      'a day that was left out of the calendar is no day',
      '0 5 * * *',
      'Pacific/Apia',
      '2011-12-29T20:00Z',
      ['2011-12-30T15:00Z', '2011-12-31T15:00Z'],
    ],
  ])('%s', (_what, cron, zone, after, expected) => {
    expect(texts(nextTicks(timing(cron, zone), at(after), expected.length))).toEqual(expected);
  });

  it.each([
    ['0 * * * *', 23, 25],
    ['*/30 * * * *', 46, 50],
    ['*/30 2 * * *', 0, 4],
    ['30 2-3 * * *', 2, 2],
    ['0 5 * * *', 1, 1],
  ])('has so many ticks on the short day and on the long one: %s', (cron, short, long) => {
    const onDay = (from: string, to: string): number =>
      ticksBetween(timing(cron, 'Europe/Berlin'), at(from), at(to) - 1, 100).length;
    expect(onDay('2026-03-28T23:00Z', '2026-03-29T22:00Z')).toBe(short);
    expect(onDay('2026-10-24T22:00Z', '2026-10-25T23:00Z')).toBe(long);
  });

  it.each(['30 2 * * *', '*/30 * * * *', '0 2,14 * * *'])(
    'is the same backwards as forwards: %s',
    (cron) => {
      for (const [from, to] of [
        ['2026-03-27T00:00Z', '2026-03-31T00:00Z'],
        ['2026-10-23T00:00Z', '2026-10-27T00:00Z'],
      ] as const) {
        const berlin = timing(cron, 'Europe/Berlin');
        const forwards = ticksBetween(berlin, at(from), at(to), 1000);
        expect(lastTicks(berlin, at(to), forwards.length)).toEqual(forwards);
        for (const [index, tick] of forwards.entries()) {
          if (index > 0) expect(intervalOf(berlin, tick).start).toBe(forwards[index - 1]);
        }
      }
    },
  );
});

describe('ticks', () => {
  const nightly = timing('0 5 * * *', 'Asia/Dubai');

  it('come after an instant, and at it when looking back', () => {
    const tick = at('2026-11-22T01:00Z');
    expect(nextTick(nightly, tick - 1)).toBe(tick);
    expect(nextTick(nightly, tick)).toBe(tick + 86_400_000);
    expect(lastTick(nightly, tick)).toBe(tick);
    expect(lastTick(nightly, tick - 1)).toBe(tick - 86_400_000);
    expect(lastTick(nightly, tick + 1)).toBe(tick);
    expect([isTick(nightly, tick), isTick(nightly, tick + 1000)]).toEqual([true, false]);
  });

  it('have the day of their zone for a logical date', () => {
    expect(logicalDate({ timezone: 'Asia/Dubai' }, at('2026-11-21T21:00Z'))).toBe('2026-11-22');
    expect(logicalDate({ timezone: 'Pacific/Honolulu' }, at('2026-11-22T05:00Z'))).toBe(
      '2026-11-21',
    );
  });

  it('account for the time since the tick before, also the first of all', () => {
    const weekly = timing('0 5 * * MON', 'UTC', { start: '2026-11-23' });
    expect(intervalOf(weekly, at('2026-11-23T05:00Z'))).toEqual({
      start: at('2026-11-16T05:00Z'),
      end: at('2026-11-23T05:00Z'),
    });
  });

  it('are those from start to end, both included, read in the zone', () => {
    const window = { start: '2026-11-22', end: '2026-11-24' };
    expect(texts(nextTicks(timing('0 0 * * *', 'Asia/Dubai', window), 0, 9))).toEqual([
      '2026-11-21T20:00Z',
      '2026-11-22T20:00Z',
      '2026-11-23T20:00Z',
    ]);
    const exact = { start: '2026-11-22T05:00', end: '2026-11-23T05:00+04:00' };
    const dubai = timing('0 5 * * *', 'Asia/Dubai', exact);
    expect(texts(nextTicks(dubai, 0, 9))).toEqual(['2026-11-22T01:00Z', '2026-11-23T01:00Z']);
    expect(texts(lastTicks(dubai, at('2027-01-01T00:00Z'), 9))).toEqual([
      '2026-11-22T01:00Z',
      '2026-11-23T01:00Z',
    ]);
    expect(nextTick(dubai, at('2026-11-23T01:00Z'))).toBeUndefined();
    expect(lastTick(dubai, at('2027-01-01T00:00Z'))).toBe(at('2026-11-23T01:00Z'));
  });

  it('may be seconds apart', () => {
    expect(texts(nextTicks(timing('*/2 * * * * *'), at('2026-11-22T05:00:58.500Z'), 2))).toEqual([
      '2026-11-22T05:01Z',
      '2026-11-22T05:01:02.000Z',
    ]);
  });
});
