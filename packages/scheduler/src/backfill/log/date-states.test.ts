import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OutcomeName, outcomeKey, outcomeOfKey, stampOf } from './backfill-layout.js';
import type { BackfillDate } from './backfill-request.js';
import { activeDates, countDates, dateStates, endOf } from './date-states.js';

const DATES: readonly BackfillDate[] = [1, 2, 3, 4, 5, 6].map((day) => ({
  ts: `2026-11-0${day}T05:00:00Z`,
  start: `2026-11-0${day}T04:00:00Z`,
  end: `2026-11-0${day}T05:00:00Z`,
  mode: 'create',
  replaces: null,
}));
const days = (states: readonly { readonly date: BackfillDate }[]): string =>
  states.map(({ date }) => date.ts.slice(9, 10)).join(' ');
const noted = (day: number, outcome: OutcomeName['outcome'], round = 0): OutcomeName => ({
  stamp: stampOf(DATES[day - 1]?.ts ?? ''),
  round,
  outcome,
});

describe('the dates of a backfill', () => {
  it('are begun in their order, so many at once', () => {
    const states = dateStates(DATES, [noted(1, 'finished'), noted(3, 'failed')], 0);
    expect(days(activeDates(states, 2))).toBe('2 4');
    expect(countDates(states)).toEqual({
      open: 4,
      finished: 1,
      failed: 1,
      cancelled: 0,
      skipped: 0,
    });
  });

  it('that failed or were cancelled are open in the next round, those that finished are not', () => {
    const outcomes = [noted(1, 'finished'), noted(2, 'failed'), noted(3, 'cancelled')];
    const states = dateStates(DATES, outcomes, 1);
    expect(days(activeDates(states, 9))).toBe('2 3 4 5 6');
    expect(states[1]?.earlier).toEqual(noted(2, 'failed'));
    expect(states[3]?.earlier).toBeUndefined();
  });

  it('have the last outcome of an earlier round for the one that is taken up again', () => {
    const outcomes = [noted(2, 'failed', 1), noted(2, 'cancelled', 0)];
    const [, second] = dateStates(DATES, outcomes, 2);
    expect(second).toMatchObject({ state: 'open', earlier: noted(2, 'failed', 1) });
  });

  it('are never more under way for schedulers that know less of them', () => {
    const some = fc.subarray([...DATES.keys()]);
    fc.assert(
      fc.property(
        some,
        fc.func(fc.boolean()),
        fc.integer({ min: 1, max: 6 }),
        (ended, knows, max) => {
          const outcomeOf = (index: number): OutcomeName => noted(index + 1, 'finished');
          const truth = dateStates(DATES, ended.map(outcomeOf), 0);
          const stale = dateStates(DATES, ended.filter((i) => knows(i)).map(outcomeOf), 0);
          const allowed = new Set(activeDates(truth, max).map(({ date }) => date));
          for (const { date } of activeDates(stale, max)) {
            const isOver = truth.some((state) => state.date === date && state.state !== 'open');
            expect(isOver || allowed.has(date)).toBe(true);
          }
        },
      ),
    );
  });
});

describe('the end of a backfill', () => {
  const all = (outcome: OutcomeName['outcome']) =>
    dateStates(
      DATES,
      DATES.map((_, i) => noted(i + 1, i === 2 ? outcome : 'finished')),
      0,
    );

  it('is that of its dates', () => {
    expect(endOf('running', all('finished'), 0)).toBe('finished');
    expect(endOf('running', all('skipped'), 0)).toBe('finished');
    expect(endOf('running', all('failed'), 0)).toBe('failed');
    expect(endOf('running', all('cancelled'), 0)).toBe('failed');
    expect(endOf('running', dateStates(DATES, [], 0), 0)).toBeUndefined();
  });

  it('waits for the runs that are being cancelled, and for nothing else', () => {
    expect(endOf('cancelling', dateStates(DATES, [], 0), 1)).toBeUndefined();
    expect(endOf('cancelling', dateStates(DATES, [], 0), 0)).toBe('cancelled');
  });
});

it('the name of an outcome says what one listing has to say', () => {
  const key = outcomeKey('b1', '2026-11-01T05:00:00.000Z', 3, 'failed');
  expect(key).toBe('backfills/b1/dates/20261101T050000Z.000003.failed.json');
  expect(outcomeOfKey(key)).toEqual({ stamp: '20261101T050000Z', round: 3, outcome: 'failed' });
  expect(outcomeOfKey('backfills/b1/dates/20261101T050000Z.000003.other.json')).toBeUndefined();
});
