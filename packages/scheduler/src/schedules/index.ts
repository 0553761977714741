/** What starts the ticks of schedules, for the processes that do. */
export { FleetSchedules, type FleetSchedulesOptions } from './fleet-schedules.js';
export { systemClock } from '../service/runtime/clock.js';
export { FleetTickRuns } from './fleet-tick-runs.js';
export type { WrittenEvent } from './schedule-follower.js';
export {
  SCHEDULE_SETTINGS,
  ScheduleReconciler,
  type ScheduleReconcilerOptions,
  type ScheduleSettings,
} from './schedule-reconciler.js';
export type { RunStanding, TickRuns } from './tick-runs.js';
