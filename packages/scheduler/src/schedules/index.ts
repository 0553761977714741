/** What starts the ticks of schedules, for the processes that do. */
export { FleetSchedules, type FleetSchedulesOptions } from './run/fleet-schedules.js';
export { systemClock } from '../service/runtime/clock.js';
export { FleetTickRuns } from './run/fleet-tick-runs.js';
export type { WrittenEvent } from './run/schedule-follower.js';
export {
  SCHEDULE_SETTINGS,
  ScheduleReconciler,
  type ScheduleReconcilerOptions,
  type ScheduleSettings,
} from './run/schedule-reconciler.js';
export type { RunStanding, TickRuns } from './run/tick-runs.js';
