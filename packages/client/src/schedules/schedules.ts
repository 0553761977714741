import { ScheduleRegistry, SummaryPages, TickLog } from '@shardmill/scheduler';
import type { Fleet } from '../fleet/fleet.js';

/** Schedules and their ticks in the state location of a fleet. */
export interface ScheduleStores {
  readonly registry: ScheduleRegistry;
  readonly log: TickLog;
  readonly summaries: SummaryPages;
}

export function scheduleStores({ registry: { store } }: Fleet): ScheduleStores {
  return {
    registry: new ScheduleRegistry(store),
    log: new TickLog(store),
    summaries: new SummaryPages(store),
  };
}
