import { describe, expect, it } from 'vitest';
import { impliedParameters, resolveParameters } from './parameters.js';
import { jobOf } from '../../testing/job.js';

const TODAY = new Date('2026-11-22T23:59:00Z');

describe('resolving parameters', () => {
  it('knows ds, today in UTC, and ds_nodash without declaration', () => {
    expect(resolveParameters(jobOf(), {}, TODAY)).toEqual({
      ds: '2026-11-22',
      ds_nodash: '20261122',
    });
    expect(resolveParameters(jobOf(), { ds: '2026-01-31' }, TODAY)).toEqual({
      ds: '2026-01-31',
      ds_nodash: '20260131',
    });
  });

  it('takes given values over defaults, and defaults of any type as text', () => {
    const params = {
      country: { default: 'AE' },
      top: { type: 'int', default: 7 },
      share: { type: 'number', default: 0.5 },
      dry: { type: 'bool', default: false },
    } as const;
    expect(resolveParameters(jobOf({ params }), { top: '9' }, TODAY)).toMatchObject({
      country: 'AE',
      top: '9',
      share: '0.5',
      dry: 'false',
    });
  });

  it('names the nearest parameter for an unknown one', () => {
    const job = jobOf({ params: { country: { default: 'AE' } } });
    expect(() => resolveParameters(job, { contry: 'AE' }, TODAY)).toThrow(
      expect.objectContaining({
        code: 'PARAMETER_UNKNOWN',
        message: expect.stringContaining('Did you mean "country"?'),
        where: '--param contry=…',
      }),
    );
  });

  it('requires one without default, and shows an example of its type', () => {
    const job = jobOf({ params: { cut: { type: 'number' } } });
    expect(() => resolveParameters(job, {}, TODAY)).toThrow(
      expect.objectContaining({
        code: 'PARAMETER_MISSING',
        remedy: 'Give it with --param cut=0.5.',
      }),
    );
  });

  it.each([
    ['int', '1.5'],
    ['int', ''],
    ['int', '1e3'],
    ['number', 'abc'],
    ['number', '1,5'],
    ['bool', 'yes'],
    ['date', '2026-02-30'],
    ['date', '22.11.2026'],
    ['string', 'two\nlines'],
    ['timestamp', '2026-01-31'],
    ['timestamp', '2026-01-31T05:00:00'],
    ['timestamp', '2026-02-30T05:00:00Z'],
    ['timestamp', '2026-01-31T24:00:00Z'],
    ['timestamp', '2026-01-31 05:00:00Z'],
  ] as const)('refuses for a %s the value %j', (type, value) => {
    const job = jobOf({ params: { x: { type } } });
    expect(() => resolveParameters(job, { x: value }, TODAY)).toThrow(
      expect.objectContaining({ code: 'PARAMETER_INVALID' }),
    );
  });

  it.each([
    ['int', '-12'],
    ['number', '-1.5e-3'],
    ['number', '.5'],
    ['bool', 'true'],
    ['date', '2024-02-29'],
    ['string', ''],
    ['string', "O'Neil; DROP"],
  ] as const)('takes for a %s the value %j', (type, value) => {
    const job = jobOf({ params: { x: { type } } });
    expect(resolveParameters(job, { x: value }, TODAY)['x']).toBe(value);
  });

  it('refuses a default that is not of its type', () => {
    const job = jobOf({ params: { x: { type: 'date', default: 'today' } } });
    expect(() => resolveParameters(job, {}, TODAY)).toThrow(
      expect.objectContaining({ code: 'PARAMETER_INVALID' }),
    );
  });
});

describe('the time that a run is for', () => {
  const schedule = { cron: '0 5 * * *', timezone: 'Asia/Dubai' };
  const time = {
    ts: new Date('2026-11-21T22:00:00Z'),
    intervalStart: new Date('2026-11-20T22:00:00Z'),
    intervalEnd: new Date('2026-11-21T22:00:00Z'),
  };

  it("gives ts, the interval and the day in the schedule's time zone", () => {
    expect(resolveParameters(jobOf({ schedule }), {}, TODAY, time)).toEqual({
      ds: '2026-11-22',
      ds_nodash: '20261122',
      ts: '2026-11-21T22:00:00Z',
      interval_start: '2026-11-20T22:00:00Z',
      interval_end: '2026-11-21T22:00:00Z',
    });
  });

  it("begins a day in the schedule's time zone where nothing is given, too", () => {
    expect(resolveParameters(jobOf({ schedule }), {}, TODAY)['ds']).toBe('2026-11-23');
  });

  it('can be given without a schedule, with any offset', () => {
    expect(resolveParameters(jobOf(), { ts: '2026-11-22T01:00+04:00' }, TODAY)).toEqual({
      ds: '2026-11-21',
      ds_nodash: '20261121',
      ts: '2026-11-21T21:00:00Z',
    });
  });

  it('gives way to what is given, and goes before defaults', () => {
    const params = { ds: { type: 'date', default: '2000-01-01' } } as const;
    expect(resolveParameters(jobOf({ params }), {}, TODAY, time)['ds']).toBe('2026-11-21');
    expect(resolveParameters(jobOf({ params }), {}, TODAY)['ds']).toBe('2000-01-01');
    const given = { ds: '2026-05-05' };
    expect(resolveParameters(jobOf({ params }), given, TODAY, time)['ds']).toBe('2026-05-05');
  });

  it('must be given where the job declares ds without a default', () => {
    const job = jobOf({ params: { ds: { type: 'date' } } });
    expect(() => resolveParameters(job, {}, TODAY)).toThrow(
      expect.objectContaining({ code: 'PARAMETER_MISSING' }),
    );
  });

  it('has no part in what the job itself declares', () => {
    const names = ['ds', 'ts', 'interval_start', 'interval_end', 'ds_nodash'];
    expect(impliedParameters(jobOf().params)).toEqual(names);
    const { params } = jobOf({ params: { ds: { type: 'date' }, country: {} } });
    expect(impliedParameters(params)).toEqual(['ts', 'interval_start', 'interval_end']);
  });
});
