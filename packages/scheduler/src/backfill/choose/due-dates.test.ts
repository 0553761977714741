import { describe, expect, it } from 'vitest';
import { type DateRange, datesAround, dueDates, EVERY } from './due-dates.js';

const range = (change: Partial<DateRange>): DateRange => ({
  from: '2026-11-01',
  to: '2026-11-03',
  cron: EVERY.day,
  timezone: 'UTC',
  maxDates: 1000,
  ...change,
});
const starts = (change: Partial<DateRange>): string[] =>
  [...dueDates(range(change))].map(({ ts }) => ts.replace(':00.000Z', 'Z'));

describe('the dates of a range', () => {
  it('are those of the job, with both ends included and the interval before each', () => {
    const dates = [...dueDates(range({ cron: '0 5 * * *', timezone: 'Asia/Dubai' }))];
    expect(dates.map(({ ts }) => ts)).toEqual([
      '2026-11-01T01:00:00.000Z',
      '2026-11-02T01:00:00.000Z',
      '2026-11-03T01:00:00.000Z',
    ]);
    expect(dates[0]).toMatchObject({
      start: '2026-10-31T01:00:00.000Z',
      end: '2026-11-01T01:00:00.000Z',
    });
  });

  it.each([
    ['hour', '2026-11-01T22:00', '2026-11-02T01:00', 4, '2026-11-01T22:00Z'],
    ['day', '2026-11-01', '2026-11-30', 30, '2026-11-01T00:00Z'],
    ['week', '2026-11-01', '2026-11-30', 5, '2026-11-02T00:00Z'],
    ['month', '2026-01-15', '2026-04-01', 3, '2026-02-01T00:00Z'],
  ] as const)('are each %s from its beginning', (every, from, to, count, first) => {
    const found = starts({ cron: EVERY[every], from, to });
    expect(found).toHaveLength(count);
    expect(found[0]).toBe(first);
  });

  it('begin with the days of the time zone, also where clocks change', () => {
    const found = starts({ from: '2026-10-24', to: '2026-10-26', timezone: 'Europe/Berlin' });
    expect(found).toEqual(['2026-10-23T22:00Z', '2026-10-24T22:00Z', '2026-10-25T23:00Z']);
  });

  it('are none where the expression has none', () => {
    expect(starts({ cron: '0 0 1 * *', from: '2026-11-02' })).toEqual([]);
  });
});

describe('a range that is wrong', () => {
  it.each([
    [{ from: '2026-02-30' }, '--from is "2026-02-30", which is no date or time'],
    [{ to: 'yesterday' }, '--to is "yesterday", which is no date or time'],
    [{ from: '2026-11-04' }, '--to 2026-11-03 lies before --from 2026-11-04'],
    [{ cron: '* * * * *' }, 'more than 1,000 dates of "* * * * *"'],
  ])('%j is refused: %s', (change, message) => {
    expect(() => [...dueDates(range(change))]).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(message) }),
    );
  });
});

it('the dates around a range are those before its first and after its last one', () => {
  const timing = { cron: '0 5 * * *', timezone: 'Asia/Dubai' };
  const dates = [...dueDates(range(timing))];
  expect(datesAround(timing, dates)).toEqual([
    {
      ts: '2026-10-31T01:00:00.000Z',
      start: '2026-10-30T01:00:00.000Z',
      end: '2026-10-31T01:00:00.000Z',
    },
    {
      ts: '2026-11-04T01:00:00.000Z',
      start: '2026-11-03T01:00:00.000Z',
      end: '2026-11-04T01:00:00.000Z',
    },
  ]);
  expect(datesAround(timing, [])).toEqual([]);
});
