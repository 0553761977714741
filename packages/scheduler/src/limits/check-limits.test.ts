import { describe, expect, it } from 'vitest';
import { checkLimits, type LimitedRun, timeLeftMs } from './check-limits.js';

const HOUR = 3_600_000;
const run = (change: Partial<LimitedRun>): LimitedRun => ({
  limits: {},
  since: 1000,
  now: 1000,
  workerSeconds: 0,
  pricePerHour: 0.5,
  ...change,
});

describe('the limits of a run', () => {
  it('are none where the job names none, however long and expensive it is', () => {
    expect(checkLimits(run({ now: 1000 * HOUR, workerSeconds: 1e9 }))).toBeUndefined();
  });

  it('stop it when the time is over, and not a millisecond before', () => {
    const limits = { maxDuration: '2h' };
    const end = 1000 + 2 * HOUR;
    expect(checkLimits(run({ limits, now: end - 1 }))).toBeUndefined();
    expect(timeLeftMs(limits, 1000, end - 1)).toBe(1);
    expect(checkLimits(run({ limits, now: end }))).toMatchObject({
      code: 'MAX_DURATION_REACHED',
      message: expect.stringContaining('limits.maxDuration is 2h'),
    });
  });

  it('stop it when its worker time costs as much as is allowed', () => {
    const limits = { maxCost: 12.5 };
    const seconds = (12.5 / 0.5) * 3600;
    expect(checkLimits(run({ limits, workerSeconds: seconds - 1 }))).toBeUndefined();
    expect(checkLimits(run({ limits, workerSeconds: seconds }))).toMatchObject({
      code: 'MAX_COST_REACHED',
      message:
        'the run has cost 12.5 (25 h 00 min of workers at 0.5 an hour), limits.maxCost is 12.5',
    });
  });

  it('of cost are not held by guessing a price', () => {
    expect(checkLimits(run({ limits: { maxCost: 1 }, pricePerHour: undefined }))).toMatchObject({
      code: 'PRICE_MISSING',
    });
  });
});
