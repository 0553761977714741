import { OUTPUT_MODES } from '@shardmill/core';
import { z } from 'zod';
import { storedJob, withoutFunctions } from '../../state/log-schema.js';
import type { ScheduledJob, StoredSchedule } from './stored-schedule.js';

/** A version of a schedule as it is stored. */

const SCHEDULE_FORMAT = 'shardmill-schedule/1';

const instant = z.iso.datetime();

const scheduledJob = storedJob.transform((job, context): ScheduledJob => {
  const { schedule } = job;
  if (schedule !== undefined) return { ...job, schedule };
  context.addIssue({ code: 'custom', message: 'the job has no schedule' });
  return z.NEVER;
});

const versionSchema = z.strictObject({
  format: z.literal(SCHEDULE_FORMAT),
  name: z.string(),
  version: z.int().nonnegative(),
  change: z.enum(['set', 'paused', 'resumed', 'removed', 'triggered']),
  at: instant,
  by: z.string(),
  since: instant,
  paused: z.boolean(),
  triggers: z.array(
    z.strictObject({
      number: z.int().nonnegative(),
      at: instant,
      by: z.string(),
      tick: instant,
      mode: z.enum(OUTPUT_MODES).nullable(),
    }),
  ),
  work: z.strictObject({
    job: scheduledJob,
    jobFile: z.string(),
    params: z.record(z.string(), z.string()),
    priority: z.int().min(0).max(100),
    failFast: z.boolean(),
  }),
});

/** @returns what is wrong with it as text where it is none. */
export function parseSchedule(value: unknown): StoredSchedule | string {
  const parsed = versionSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `${issue?.path.map(String).join('.')}: ${issue?.message}`;
  }
  const { format: _, ...schedule } = parsed.data;
  return schedule;
}

export function storedForm(schedule: StoredSchedule): Record<string, unknown> {
  const { job } = schedule.work;
  const work = { ...schedule.work, job: withoutFunctions(job) };
  return { format: SCHEDULE_FORMAT, ...schedule, work };
}
