import { z } from 'zod';
import { cronFault, exampleTicks } from '../../schedule/cron.js';
import { nextTick, windowOf } from '../../schedule/ticks.js';
import { parseMoment } from '../../schedule/parse-moment.js';
import { isTimeZone } from '../../time/time-zone.js';
import { CATCH_UP_TICKS, TICK_RETRIES } from '../bounds.js';
import { durationSchema } from '../values/duration-schema.js';
import { whole } from '../values/whole-schema.js';

const INSTANT_MESSAGE =
  'expected a date such as "2026-11-22", or a time such as "2026-11-22T05:00" (in the time zone of the schedule) or "2026-11-22T05:00+04:00"';

const ZONE_MESSAGE = 'expected the name of a time zone such as "Asia/Dubai" or "UTC"';

/** The form of it; that it is ever due is checked by `scheduleSchema`. */
export const scheduleShape = z.strictObject({
  cron: z
    .string()
    .describe('Five fields, six with seconds before them, or @hourly, @daily and the like.'),
  timezone: z
    .string()
    .refine(isZoneName, ZONE_MESSAGE)
    .default('UTC')
    .describe('Where the fields of cron are read, and whose day {{ ds }} is.'),
  start: z.string().optional().describe('No tick before this date or time.'),
  end: z.string().optional().describe('No tick after this date (its last moment) or time.'),
  overlap: z
    .enum(['skip', 'queue', 'replace'])
    .default('skip')
    .describe('What to do when a tick is due while the run of an earlier one goes on.'),
  catchUp: z
    .enum(['none', 'latest', 'all'])
    .default('latest')
    .describe('Which ticks to run that were missed because no scheduler was there.'),
  catchUpLimit: whole(CATCH_UP_TICKS)
    .default(100)
    .describe("Ticks that catchUp 'all' runs at most, and that overlap 'queue' keeps at most."),
  retries: whole(TICK_RETRIES)
    .default(0)
    .describe('How often the run of a tick is taken up again after it failed.'),
  retryDelay: durationSchema('0ms').default('5m').describe('How long after a failure that is.'),
  deadline: durationSchema('1ms')
    .optional()
    .describe('The time after the tick by which its run should have finished; late after it.'),
  jitter: durationSchema('0ms')
    .optional()
    .describe('Delays all ticks by one and the same part of this time, another for each schedule.'),
  enabled: z.boolean().default(true).describe('Whether ticks start runs.'),
});

/** When a job runs by itself, and what becomes of ticks that meet trouble: docs/schedules.md. */
export const scheduleSchema = scheduleShape
  .superRefine((schedule, context) => {
    const { cron, timezone } = schedule;
    if (!isZoneName(timezone)) return;
    const issue = (place: 'cron' | 'start' | 'end', message: string): void => {
      context.addIssue({ code: 'custom', path: [place], message });
    };
    const now = new Date();
    const fault = cronFault(cron, timezone, now);
    if (fault !== undefined) issue('cron', fault);
    const { start, end } = schedule;
    const isRight = (text: string | undefined): boolean =>
      text === undefined || parseMoment(text, timezone) !== undefined;
    if (!isRight(start)) issue('start', INSTANT_MESSAGE);
    if (!isRight(end)) issue('end', INSTANT_MESSAGE);
    if (fault !== undefined || !isRight(start) || !isRight(end) || end === undefined) return;
    const { first = 0, last = 0 } = windowOf(schedule);
    if (last < first) issue('end', `expected a time after the start, "${start}"`);
    else if (nextTick(schedule, first - 1) === undefined) {
      const message = `there is no tick of "${cron}" between start and end; ${exampleTicks(timezone, now)}`;
      issue('end', message);
    }
  })
  .describe('When the job runs by itself, on a fleet or under `shardmill schedule run`.');

export type JobSchedule = z.output<typeof scheduleSchema>;

/** An offset such as `+04:00` has no rules: it is no zone, although ICU takes it for one. */
function isZoneName(name: string): boolean {
  return !/^[+-]/.test(name) && isTimeZone(name);
}
