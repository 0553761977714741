import type { Fleet } from '../fleet/fleet.js';
import { loadJob } from '../load-job.js';
import type {
  ListedSchedule,
  ListedTick,
  ScheduleOptions,
  SetSchedule,
  ShownSchedule,
  SyncedSchedule,
  SyncOptions,
  TriggeredTick,
  TriggerOptions,
} from '../schedules/index.js';

/** The schedules of a fleet: docs/schedules.md. All times are milliseconds since 1970. */
export interface FleetSchedules {
  /**
   * Adds the schedule of a job, or replaces it. @param job its name, or the path of its definition
   * @throws JOB_…, PARAMETER_…, TEMPLATE_INVALID
   */
  set(job: string, options?: ScheduleOptions): Promise<SetSchedule>;
  /** Makes the schedules those of the jobs in a folder. @throws JOB_…, before anything is changed */
  sync(folder: string, options?: SyncOptions): Promise<SyncedSchedule[]>;
  list(): Promise<ListedSchedule[]>;
  /** @throws SCHEDULE_NOT_FOUND, as do all below */
  show(name: string): Promise<ShownSchedule>;
  next(
    name: string,
    count: number,
  ): Promise<{ readonly timezone: string; readonly ticks: readonly number[] }>;
  /** The last ticks, the latest first. */
  history(name: string, options?: { readonly count?: number | undefined }): Promise<ListedTick[]>;
  pause(name: string): Promise<void>;
  resume(name: string): Promise<void>;
  remove(name: string): Promise<void>;
  trigger(name: string, options?: TriggerOptions): Promise<TriggeredTick>;
}

const HISTORY_COUNT = 20;

export function fleetSchedules(fleet: Fleet, cwd: string): FleetSchedules {
  const schedules = () => import('../schedules/index.js');
  return {
    async set(job, options = {}) {
      return (await schedules()).setSchedule(fleet, await loadJob(job, cwd), options, cwd);
    },
    async sync(folder, options = {}) {
      return (await schedules()).syncSchedules(fleet, folder, options, cwd);
    },
    async list() {
      return (await schedules()).listSchedules(fleet);
    },
    async show(name) {
      return (await schedules()).showSchedule(fleet, name);
    },
    async next(name, count) {
      return (await schedules()).nextOfSchedule(fleet, name, count);
    },
    async history(name, { count = HISTORY_COUNT } = {}) {
      return (await schedules()).historyOfSchedule(fleet, name, count);
    },
    async pause(name) {
      await (await schedules()).pauseSchedule(fleet, name);
    },
    async resume(name) {
      await (await schedules()).resumeSchedule(fleet, name);
    },
    async remove(name) {
      await (await schedules()).removeSchedule(fleet, name);
    },
    async trigger(name, options) {
      return (await schedules()).triggerSchedule(fleet, name, options);
    },
  };
}
