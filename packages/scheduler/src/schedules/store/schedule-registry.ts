import { type ObjectStore, ShardmillError, suggestion } from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { createOnce } from '../../state/run-log.js';
import { addTrigger, type Changer, changePause, remove, setWork } from './change-schedule.js';
import { SCHEDULES_PREFIX, scheduleKey, schedulePrefix, versionOfKey } from './schedule-layout.js';
import { parseSchedule, storedForm } from './schedule-schema.js';
import {
  isRemoved,
  type ScheduledWork,
  type StoredSchedule,
  type Trigger,
} from './stored-schedule.js';

export interface ChangedSchedule {
  readonly schedule: StoredSchedule;
  /** Whether a version was written; it was like that before otherwise. */
  readonly changed: boolean;
  /** What was there before; undefined where nothing was, or what had been removed. */
  readonly before: StoredSchedule | undefined;
}

/**
 * All schedules, in the state location:
 * ```
 * schedules/<name>.000000.json     the versions; the last one counts
 * ticks/<name>/<instant>.000.json  what became of a tick: see `TickLog`
 * open-ticks/<name>.<instant>      there while that tick has not ended
 * schedule-summaries/<page>.json   how all of them stand, a hint: see `SummaryPages`
 * ```
 * Each object but a summary is created once, so that of many who change a schedule at once one
 * writes each version and the others see it.
 */
export class ScheduleRegistry {
  constructor(readonly store: ObjectStore) {}

  /** Adds a schedule, or replaces what it does. @throws RangeError for a name that cannot be one */
  async set(name: string, work: ScheduledWork, changer: Changer): Promise<ChangedSchedule> {
    if (!isScheduleName(name)) throw new RangeError(`"${name}" cannot be the name of a schedule`);
    return this.#write(name, await this.#last(name), (seen) => setWork(name, seen, work, changer));
  }

  /** @throws SCHEDULE_NOT_FOUND */
  pause(name: string, changer: Changer): Promise<ChangedSchedule> {
    return this.#change(name, (seen) => changePause(seen, true, changer));
  }

  /** @throws SCHEDULE_NOT_FOUND */
  resume(name: string, changer: Changer): Promise<ChangedSchedule> {
    return this.#change(name, (seen) => changePause(seen, false, changer));
  }

  /** Runs that go on are not touched. @throws SCHEDULE_NOT_FOUND */
  remove(name: string, changer: Changer): Promise<ChangedSchedule> {
    return this.#change(name, (seen) => remove(seen, changer));
  }

  /**
   * Asks for a run of a logical date, whether or not it is due. @throws SCHEDULE_NOT_FOUND
   * @param tick milliseconds since 1970
   */
  trigger(
    name: string,
    tick: number,
    mode: Trigger['mode'],
    changer: Changer,
  ): Promise<ChangedSchedule> {
    return this.#change(name, (seen) => addTrigger(seen, tick, mode, changer));
  }

  /** @returns undefined where there is none, or where it was removed. @throws PLAN_MISMATCH */
  async find(name: string): Promise<StoredSchedule | undefined> {
    const last = isScheduleName(name) ? await this.#last(name) : undefined;
    return last === undefined || isRemoved(last) ? undefined : last;
  }

  /** @throws SCHEDULE_NOT_FOUND with the nearest; PLAN_MISMATCH */
  async get(name: string): Promise<StoredSchedule> {
    return (await this.find(name)) ?? (await this.#notFound(name));
  }

  /** One version, also of a schedule that was removed. @throws PLAN_MISMATCH */
  async version(name: string, version: number): Promise<StoredSchedule | undefined> {
    const key = scheduleKey(name, version);
    const bytes = await this.store.read(key);
    if (bytes === undefined) return undefined;
    const schedule = parseSchedule(parseJson(bytes));
    const fault =
      typeof schedule === 'string'
        ? schedule
        : schedule.name !== name || schedule.version !== version
          ? `it is version ${schedule.version} of ${schedule.name}`
          : undefined;
    if (typeof schedule !== 'string' && fault === undefined) return schedule;
    throw new ShardmillError('PLAN_MISMATCH', `the schedule ${name} cannot be read: ${fault}`, {
      where: this.store.locate(key),
      remedy:
        'It was written by another version of Shardmill: use that one, or `shardmill schedule set` it anew.',
    });
  }

  /** The number of each schedule's last version, from one listing; removed ones are among them. */
  async versions(): Promise<Map<string, number>> {
    const last = new Map<string, number>();
    for await (const { key } of this.store.list(SCHEDULES_PREFIX)) {
      const found = versionOfKey(key);
      if (found === undefined) continue;
      last.set(found.name, Math.max(found.version, last.get(found.name) ?? 0));
    }
    return last;
  }

  async #last(name: string): Promise<StoredSchedule | undefined> {
    let last: number | undefined;
    for await (const { key } of this.store.list(schedulePrefix(name))) {
      const version = versionOfKey(key)?.version;
      if (version !== undefined) last = Math.max(version, last ?? 0);
    }
    if (last === undefined) return undefined;
    return this.#after(name, await this.version(name, last));
  }

  /** The last version, counted from one that may not be the last any more. */
  async #after(
    name: string,
    from: StoredSchedule | undefined,
  ): Promise<StoredSchedule | undefined> {
    let last = from;
    for (;;) {
      const next = last && (await this.version(name, last.version + 1));
      if (next === undefined) return last;
      last = next;
    }
  }

  async #change(
    name: string,
    change: (seen: StoredSchedule) => StoredSchedule | undefined,
  ): Promise<ChangedSchedule> {
    const last = await this.get(name);
    return this.#write(name, last, async (seen) =>
      seen === undefined || isRemoved(seen) ? this.#notFound(name) : change(seen),
    );
  }

  async #write(
    name: string,
    last: StoredSchedule | undefined,
    change: (
      seen: StoredSchedule | undefined,
    ) => StoredSchedule | undefined | Promise<StoredSchedule | undefined>,
  ): Promise<ChangedSchedule> {
    for (let seen = last; ; ) {
      const before = seen === undefined || isRemoved(seen) ? undefined : seen;
      const next = await change(seen);
      if (next === undefined) {
        if (seen !== undefined) return { schedule: seen, changed: false, before };
        throw new TypeError('a change of nothing is a schedule');
      }
      const key = scheduleKey(name, next.version);
      if (await createOnce(this.store, key, storedForm(next))) {
        return { schedule: next, changed: true, before };
      }
      seen = seen === undefined ? await this.#last(name) : await this.#after(name, seen);
    }
  }

  async #notFound(name: string): Promise<never> {
    // The last version of one that was removed is there, too.
    const names = [...(await this.versions()).keys()].filter((other) => other !== name);
    throw new ShardmillError(
      'SCHEDULE_NOT_FOUND',
      `there is no schedule "${name}".${suggestion(name, names, 'Schedules are')}`,
      { where: this.store.uri },
    );
  }
}

/** As the names of jobs: letters, digits, `-` and `_`, up to 63. */
export function isScheduleName(name: string): boolean {
  return /^[a-z0-9][a-z0-9_-]{0,62}$/.test(name);
}
