import {
  historyOfSchedule,
  listSchedules as list,
  nextOfSchedule,
  showSchedule as show,
} from '@shardmill/client/schedules';
import type { Services } from '@shardmill/client/services';
import type { Result } from '../../result.js';
import { schedulesTable } from '../../ui/schedule/schedules-table.js';
import { scheduleReport } from '../../ui/schedule/schedule-report.js';
import { nextTable, ticksTable } from '../../ui/schedule/ticks-table.js';
import { zonedTime } from '../../ui/schedule/time-text.js';
import { instantText, scheduleDocument, tickDocument } from './schedule-document.js';

type NeedsFleet = Pick<Services, 'withFleet'>;

/** All schedules with their last and next ticks; works without Redis. @throws STORE_… */
export function listSchedules(services: NeedsFleet): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const now = Date.now();
    const schedules = await list(fleet, now);
    return {
      json: () => schedules.map(scheduleDocument),
      text: (style) => schedulesTable(schedules, now, style),
    };
  });
}

/** @throws SCHEDULE_NOT_FOUND */
export function showSchedule(name: string, services: NeedsFleet): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const shown = await show(fleet, name);
    return {
      json: () => ({ ...scheduleDocument(shown), definition: shown.definition }),
      text: (style) => scheduleReport(shown, Date.now(), style),
    };
  });
}

/** The next ticks, in the schedule's time zone and in UTC. @throws SCHEDULE_NOT_FOUND */
export function showNext(name: string, count: number, services: NeedsFleet): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const next = await nextOfSchedule(fleet, name, count);
    const { timezone, ticks } = next;
    return {
      json: () => ({
        name,
        timezone,
        ticks: ticks.map((tick) => ({ local: zonedTime(tick, timezone), utc: instantText(tick) })),
      }),
      text: (style) => nextTable(name, next, style),
    };
  });
}

export interface HistoryFlags {
  readonly count: number;
}

/** What became of the last ticks. @throws SCHEDULE_NOT_FOUND */
export function showHistory(
  name: string,
  { count }: HistoryFlags,
  services: NeedsFleet,
): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const ticks = await historyOfSchedule(fleet, name, count);
    // Of a schedule that was removed its history is left.
    const timezone = await nextOfSchedule(fleet, name, 0).then(
      (next) => next.timezone,
      () => 'UTC',
    );
    return {
      json: () => ticks.map(tickDocument),
      text: (style) => ticksTable(name, ticks, timezone, Date.now(), style),
    };
  });
}
