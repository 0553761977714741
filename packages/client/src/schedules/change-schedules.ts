import { ShardmillError } from '@shardmill/core';
import { lastTicks, logicalDate, nextTicks, parseMoment } from '@shardmill/core/schedules';
import type { ChangedSchedule, StoredSchedule, Trigger } from '@shardmill/scheduler';
import { isScheduleName, tickId } from '@shardmill/scheduler';
import { whoAmI } from '../identity.js';
import type { Fleet } from '../fleet/fleet.js';
import type { LoadedJob } from '../load-job.js';
import { type PreparedSchedule, type ScheduleOptions, scheduledWork } from './scheduled-work.js';
import { scheduleStores } from './schedules.js';

export interface SetSchedule {
  readonly schedule: StoredSchedule;
  readonly outcome: 'added' | 'changed' | 'unchanged';
  readonly notices: readonly string[];
}

const changer = () => ({ by: whoAmI(), now: new Date() });

/** Adds the schedule of a job, or replaces it. @throws JOB_…, PARAMETER_…, TEMPLATE_INVALID, USAGE */
export async function setSchedule(
  fleet: Fleet,
  loaded: LoadedJob,
  options: ScheduleOptions,
  cwd: string,
): Promise<SetSchedule> {
  return storeSchedule(fleet, scheduledWork(loaded, options, cwd, new Date()));
}

/** Stores what was prepared. @throws USAGE for a name that cannot be one */
export async function storeSchedule(
  fleet: Fleet,
  { name, work, notices }: PreparedSchedule,
): Promise<SetSchedule> {
  if (!isScheduleName(name)) {
    throw new ShardmillError('USAGE', `"${name}" cannot be the name of a schedule`, {
      remedy: 'Use up to 63 lower-case letters, digits, - and _.',
    });
  }
  const { registry } = scheduleStores(fleet);
  const { schedule, changed, before } = await registry.set(name, work, changer());
  const outcome = !changed ? 'unchanged' : before === undefined ? 'added' : 'changed';
  if (changed) await announce(fleet, name);
  return { schedule, outcome, notices };
}

/** Starts nothing any more until it is resumed; what runs goes on. @throws SCHEDULE_NOT_FOUND */
export function pauseSchedule(fleet: Fleet, name: string): Promise<ChangedSchedule> {
  return changed(fleet, scheduleStores(fleet).registry.pause(name, changer()));
}

/** Goes on; ticks that came meanwhile were missed: `catchUp` says which run. @throws SCHEDULE_NOT_FOUND */
export function resumeSchedule(fleet: Fleet, name: string): Promise<ChangedSchedule> {
  return changed(fleet, scheduleStores(fleet).registry.resume(name, changer()));
}

/** @throws SCHEDULE_NOT_FOUND */
export function removeSchedule(fleet: Fleet, name: string): Promise<ChangedSchedule> {
  return changed(fleet, scheduleStores(fleet).registry.remove(name, changer()));
}

export interface TriggerOptions {
  /**
   * A date, whose last tick is meant (its first moment where it has none), or a time. Now where
   * left out.
   */
  readonly date?: string | undefined;
  /** Instead of the job's own: `overwrite` replaces what was scored for that date. */
  readonly mode?: Trigger['mode'] | undefined;
}

export interface TriggeredTick {
  readonly schedule: StoredSchedule;
  /** Its id in the history. */
  readonly id: string;
  /** Its logical time, milliseconds since 1970. */
  readonly tick: number;
}

/** Asks for a run now, whether or not it is due or paused. @throws SCHEDULE_NOT_FOUND, USAGE */
export async function triggerSchedule(
  fleet: Fleet,
  name: string,
  { date, mode = null }: TriggerOptions = {},
): Promise<TriggeredTick> {
  const { registry } = scheduleStores(fleet);
  const { work } = await registry.get(name);
  const now = Date.now();
  const tick = date === undefined ? Math.floor(now / 1000) * 1000 : tickOf(date, work.job.schedule);
  const { schedule } = await changed(fleet, registry.trigger(name, tick, mode, changer()));
  return { schedule, tick, id: tickId(tick, schedule.version) };
}

/** @throws USAGE for what is no date */
function tickOf(date: string, timing: StoredSchedule['work']['job']['schedule']): number {
  const first = parseMoment(date, timing.timezone, 'first');
  const last = parseMoment(date, timing.timezone, 'last');
  if (first !== undefined && last !== undefined) {
    const [tick] = lastTicks(timing, last, 1);
    return tick !== undefined && tick >= first ? tick : Math.floor(first / 1000) * 1000;
  }
  const [next = Date.now()] = nextTicks({ ...timing, end: undefined }, Date.now(), 2);
  const example = logicalDate(timing, next);
  throw new ShardmillError('USAGE', `"${date}" is no date`, {
    where: '--date',
    remedy: `Give a date such as ${example}, or a time such as ${example}T05:00.`,
  });
}

async function changed(fleet: Fleet, change: Promise<ChangedSchedule>): Promise<ChangedSchedule> {
  const result = await change;
  if (result.changed) await announce(fleet, result.schedule.name);
  return result;
}

/** Schedulers find out by themselves a little later. */
async function announce(fleet: Fleet, name: string): Promise<void> {
  await fleet.announceSchedule(name).catch(() => {});
}
