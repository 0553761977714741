import { digestJson } from '@shardmill/core';
import {
  isRemoved,
  type ScheduledWork,
  type StoredSchedule,
  type Trigger,
} from './stored-schedule.js';
import { storedForm } from './schedule-schema.js';

/** What each change makes of a schedule; undefined where it changes nothing. */

/** Who changes a schedule, and when. */
export interface Changer {
  /** `user@host` */
  readonly by: string;
  readonly now: Date;
}

export function setWork(
  name: string,
  seen: StoredSchedule | undefined,
  work: ScheduledWork,
  { by, now }: Changer,
): StoredSchedule | undefined {
  const there = seen === undefined || isRemoved(seen) ? undefined : seen;
  const at = now.toISOString();
  const next: StoredSchedule = {
    name,
    version: seen === undefined ? 0 : seen.version + 1,
    change: 'set',
    at,
    by,
    // With other times, those between now and the last tick are no missed ones.
    since: there !== undefined && sameTimes(there.work, work) ? there.since : at,
    paused: there?.paused ?? false,
    triggers: there?.triggers ?? [],
    work,
  };
  return there !== undefined && sameWork(there, next) ? undefined : next;
}

export function changePause(
  seen: StoredSchedule,
  paused: boolean,
  { by, now }: Changer,
): StoredSchedule | undefined {
  if (seen.paused === paused) return undefined;
  const change = paused ? 'paused' : 'resumed';
  return { ...seen, version: seen.version + 1, change, at: now.toISOString(), by, paused };
}

export function remove(seen: StoredSchedule, { by, now }: Changer): StoredSchedule | undefined {
  if (isRemoved(seen)) return undefined;
  const version = seen.version + 1;
  return { ...seen, version, change: 'removed', at: now.toISOString(), by, triggers: [] };
}

/** Triggers that are kept in a version: schedulers see each of them long before it is dropped. */
const MAX_TRIGGERS = 20;

export function addTrigger(
  seen: StoredSchedule,
  tick: number,
  mode: Trigger['mode'],
  { by, now }: Changer,
): StoredSchedule {
  const version = seen.version + 1;
  const at = now.toISOString();
  const trigger = { number: version, at, by, tick: new Date(tick).toISOString(), mode };
  const triggers = [...seen.triggers, trigger].slice(-MAX_TRIGGERS);
  return { ...seen, version, change: 'triggered', at, by, triggers };
}

function sameTimes(a: ScheduledWork, b: ScheduledWork): boolean {
  const timesOf = ({ job: { schedule } }: ScheduledWork): unknown => {
    const { cron, timezone, start, end, enabled } = schedule;
    return [cron, timezone, start ?? null, end ?? null, enabled];
  };
  return digestJson(timesOf(a)) === digestJson(timesOf(b));
}

/** The order of output columns counts. */
function sameWork(a: StoredSchedule, b: StoredSchedule): boolean {
  const workOf = (schedule: StoredSchedule): string =>
    digestJson([storedForm(schedule)['work'], Object.keys(schedule.work.job.output.columns)]);
  return workOf(a) === workOf(b);
}
