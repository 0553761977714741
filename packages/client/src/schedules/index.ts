/** Schedules of a fleet, or of one machine: setting, looking, changing. */
export {
  pauseSchedule,
  removeSchedule,
  resumeSchedule,
  type SetSchedule,
  setSchedule,
  type TriggeredTick,
  type TriggerOptions,
  triggerSchedule,
} from './change-schedules.js';
export {
  historyOfSchedule,
  type ListedSchedule,
  type ListedTick,
  listedTick,
  listSchedules,
  nextOfSchedule,
  type ScheduleState,
  type ShownSchedule,
  showSchedule,
} from './list-schedules.js';
export { type ScheduleOptions, scheduleNotices, tickToCheck } from './scheduled-work.js';
export { type ScheduleStores, scheduleStores } from './schedules.js';
export { type SyncedSchedule, type SyncOptions, syncSchedules } from './sync-schedules.js';
export type { ChangedSchedule, StoredSchedule } from '@shardmill/scheduler';
