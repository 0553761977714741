import { type Job, type JobSchedule, type LogicalTime, ShardmillError } from '@shardmill/core';
import { lastTick, nextTick, nextTicks, parseMoment } from '@shardmill/core/schedules';
import {
  jobOfTick,
  logicalTimeOf,
  type ScheduledJob,
  type ScheduledWork,
} from '@shardmill/scheduler';
import type { LoadedJob } from '../load-job.js';
import { type JobFlags, overrideJob } from '../prepare-job.js';
import { refuseTimeParameters } from '../refuse-time-parameters.js';

/** What `schedule set` takes beside the job. */
export interface ScheduleOptions extends Pick<JobFlags, 'param' | 'input' | 'output' | 'mode'> {
  /** The job's name where left out. */
  readonly name?: string | undefined;
  /** 0 to 100, the greater goes first; 50 where left out. */
  readonly priority?: number | undefined;
  readonly failFast?: boolean | undefined;
}

export interface PreparedSchedule {
  readonly name: string;
  readonly work: ScheduledWork;
  /** What a person should know, each a sentence. */
  readonly notices: readonly string[];
}

/**
 * What the runs of a job's schedule do, checked as far as it can be without its data: its next tick
 * has values for all parameters and templates.
 * @throws JOB_INVALID for a job without a schedule, PARAMETER_…, TEMPLATE_INVALID, URI_UNSUPPORTED
 */
export function scheduledWork(
  { job, file }: LoadedJob,
  options: ScheduleOptions,
  cwd: string,
  now: Date,
): PreparedSchedule {
  const { param = {}, name = job.name, priority = 50, failFast = false } = options;
  const scheduled = withSchedule(overrideJob(job, options, cwd), file);
  refuseTimeParameters(
    param,
    'each tick of a schedule',
    'Leave it out; `shardmill backfill` runs past dates.',
  );
  const work = { job: scheduled, jobFile: file, params: param, priority, failFast };
  const ticks = nextTicks(scheduled.schedule, now.getTime(), 2);
  // What is wrong with a value or a template is found now, and not at night.
  jobOfTick(work, ticks[0] ?? now.getTime());
  const notices = [
    ...noTicks(scheduled.schedule, ticks),
    ...outputNotices(work, ticks),
    ...transformNotices(scheduled, file),
  ];
  return { name, work, notices };
}

/** What to know of a job's schedule before it is set: for `validate`. */
export function scheduleNotices(loaded: LoadedJob, options: JobFlags, cwd: string): string[] {
  if (loaded.job.schedule === undefined) return [];
  const {
    ds: _ds,
    ts: _ts,
    interval_start: _start,
    interval_end: _end,
    ...param
  } = options.param ?? {};
  return [...scheduledWork(loaded, { ...options, param }, cwd, new Date()).notices];
}

/**
 * The tick with which a job is checked: the last one of the given day, or the last one of all. A job
 * that has none yet is checked with its first one.
 */
export function tickToCheck(
  schedule: JobSchedule,
  ds: string | undefined,
  now: Date,
): LogicalTime | undefined {
  const at = ds === undefined ? now.getTime() : parseMoment(ds, schedule.timezone, 'last');
  if (at === undefined) return undefined;
  const tick = lastTick(schedule, at) ?? nextTick(schedule, at);
  return tick === undefined ? undefined : logicalTimeOf(schedule, tick);
}

function withSchedule(job: Job, file: string): ScheduledJob {
  const { schedule } = job;
  if (schedule !== undefined) return { ...job, schedule };
  throw new ShardmillError('JOB_INVALID', `the job ${job.name} has no schedule`, {
    where: file,
    remedy: "Add to it, for example: schedule: { cron: '0 5 * * *', timezone: 'Asia/Dubai' }.",
  });
}

function noTicks({ cron, end }: JobSchedule, ticks: readonly number[]): string[] {
  if (ticks.length > 0) return [];
  return [`No tick of "${cron}" is to come: the schedule ended at ${end ?? 'some time'}.`];
}

/** Two runs that follow on each other and write to one location. */
function outputNotices(work: ScheduledWork, ticks: readonly number[]): string[] {
  const [first, second] = ticks.map((tick) => jobOfTick(work, tick).job.output);
  if (first === undefined || second === undefined || first.uri !== second.uri) return [];
  const place = `All runs of the schedule write to ${first.uri}`;
  const remedy = 'Put the date into output.uri, such as ds={{ ds }}';
  switch (first.mode) {
    case 'create':
      return [`${place}: the second one will be refused. ${remedy}, or set output.mode.`];
    case 'overwrite':
      return [`${place}: each one replaces what the last one wrote. ${remedy} to keep it.`];
    case 'append':
    case 'replace-partitions':
      return [];
    default: {
      const unknown: never = first.mode;
      return unknown;
    }
  }
}

function transformNotices({ transform }: Job, file: string): string[] {
  if (transform === undefined) return [];
  const module = transform.module ?? file;
  return [
    `The transform is code: each run loads it from ${module} as it is then, so that file has to be there on every machine that plans or scores.`,
  ];
}
