import { describe, expect, it } from 'vitest';
import { parseJob } from '../parse-job.js';

const parse = (schedule: unknown) =>
  parseJob(
    {
      name: 'churn',
      input: { uri: 'data' },
      model: { uri: 'm.onnx' },
      output: { uri: 'out', columns: { score: 'score' } },
      schedule,
    },
    'job.yaml',
  ).schedule;

const faultOf = (schedule: unknown): string => {
  try {
    parse(schedule);
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  return 'it was accepted';
};

describe('a schedule', () => {
  it('has defaults for all but its times', () => {
    expect(parse({ cron: '0 5 * * *' })).toEqual({
      cron: '0 5 * * *',
      timezone: 'UTC',
      overlap: 'skip',
      catchUp: 'latest',
      catchUpLimit: 100,
      retries: 0,
      retryDelay: '5m',
      enabled: true,
    });
  });

  it.each([
    '*/15 * * * *',
    '30 0 5 * * *',
    '@hourly',
    '@Daily',
    '0 5 * * MON-FRI',
    '0 5 L * *',
    '0 5 * * FRI#2',
    '0 0 29 2 *',
  ])('may have the cron expression %s', (cron) => {
    expect(parse({ cron })?.cron).toBe(cron);
  });

  it.each([
    ['0 0 30 2 *', 'it never fires'],
    ['0 0 31 4,6 *', 'it never fires'],
    ['60 5 * * *', 'invalid value for minute: 60'],
    ['5 * * *', 'there are 4 fields, expected five'],
    ['0 0 5 * * * 2027', 'there are 7 fields'],
    ['', 'it is empty'],
    ['@reboot', 'expected one of @hourly, @daily'],
    ['2026-01-01T00:00:00', 'there are 1 fields'],
    ['0 5 * * MOO', 'the day of the week cannot be "MOO"'],
    ['0 5 * * 9', 'invalid value for day of the week: 9'],
    ['0 5 0 * *', 'invalid value for day'],
    ['0 5 * * MON#6', 'nth weekday out of range'],
  ])('is refused for the cron expression "%s", with ticks of a right one', (cron, fault) => {
    const message = faultOf({ cron, timezone: 'Asia/Dubai' });
    expect(message).toContain('schedule.cron: ');
    expect(message).toContain(fault);
    expect(message).toMatch(
      /"0 5 \* \* \*" \(05:00 every day\), next at \S+T05:00:00\+04:00 and \S+T05:00:00\+04:00/,
    );
  });

  it.each([
    [{ timezone: 'Asia/Dubay' }, 'schedule.timezone: expected the name of a time zone'],
    [{ timezone: '+04:00' }, 'schedule.timezone: expected the name of a time zone'],
    [{ start: '22.11.2026' }, 'schedule.start: expected a date such as "2026-11-22"'],
    [{ end: '2026-02-30' }, 'schedule.end: expected a date'],
    [{ start: '2026-11-22', end: '2026-11-21' }, 'schedule.end: expected a time after the start'],
    [
      { start: '2026-11-22T06:00', end: '2026-11-23T04:00' },
      'schedule.end: there is no tick of "0 5 * * *" between start and end',
    ],
    [{ overlap: 'both' }, 'schedule.overlap: '],
    [{ catchUpLimit: 0 }, 'schedule.catchUpLimit: expected a whole number from 1 to 1000'],
    [{ retries: -1 }, 'schedule.retries: expected a whole number from 0 to 100'],
    [{ retryDelay: '5 minutes' }, 'schedule.retryDelay: expected a time'],
    [{ deadline: '0ms' }, 'schedule.deadline: expected a time from "1ms"'],
    [{ jitter: '30d' }, 'schedule.jitter: expected a time'],
  ])('is refused with %o', (change, fault) => {
    expect(faultOf({ cron: '0 5 * * *', ...change })).toContain(fault);
  });

  it('may have ended long ago: what is stored stays readable', () => {
    expect(parse({ cron: '0 5 * * *', start: '2020-01-01', end: '2020-02-01' })).toBeDefined();
  });
});
