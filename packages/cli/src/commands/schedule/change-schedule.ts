import {
  type ChangedSchedule,
  nextOfSchedule,
  pauseSchedule,
  removeSchedule,
  resumeSchedule,
  type TriggerOptions,
  triggerSchedule,
} from '@shardmill/client/schedules';
import type { Services } from '@shardmill/client/services';
import type { Result } from '../../result.js';
import { zonedTime } from '../../ui/schedule/time-text.js';
import { instantText } from './schedule-document.js';

type NeedsFleet = Pick<Services, 'withFleet'>;

/** Starts nothing any more until it is resumed. @throws SCHEDULE_NOT_FOUND */
export function pause(name: string, services: NeedsFleet): Promise<Result> {
  return services.withFleet(async (fleet) =>
    changed(await pauseSchedule(fleet, name), {
      state: 'paused',
      text: 'is paused; runs that are under way go on',
      same: 'was paused already',
    }),
  );
}

/** @throws SCHEDULE_NOT_FOUND */
export function resume(name: string, services: NeedsFleet): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const result = await resumeSchedule(fleet, name);
    const { timezone, ticks } = await nextOfSchedule(fleet, name, 1);
    const [next] = ticks;
    const when = next === undefined ? 'no tick is to come' : `next at ${zonedTime(next, timezone)}`;
    return changed(result, {
      state: 'resumed',
      text: `goes on; ${when}`,
      same: `was not paused; ${when}`,
    });
  });
}

/** @throws SCHEDULE_NOT_FOUND */
export function remove(name: string, services: NeedsFleet): Promise<Result> {
  return services.withFleet(async (fleet) =>
    changed(await removeSchedule(fleet, name), {
      state: 'removed',
      text: 'is removed; its history stays, and runs that are under way go on',
      same: 'was removed already',
    }),
  );
}

/** Asks for a run of a logical date now. @throws SCHEDULE_NOT_FOUND, USAGE */
export function trigger(
  name: string,
  options: TriggerOptions,
  services: NeedsFleet,
): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const { schedule, id, tick } = await triggerSchedule(fleet, name, options);
    const { timezone } = schedule.work.job.schedule;
    return {
      json: () => ({ name, tick: instantText(tick), id, version: schedule.version }),
      text: ({ colors }) =>
        [
          `${colors.green('✓')} a run of ${colors.bold(name)} for ${zonedTime(tick, timezone)} was asked for`,
          `  ${colors.dim('what becomes of it:')} shardmill schedule history ${name}`,
        ].join('\n'),
    };
  });
}

function changed(
  { schedule, changed: isChanged }: ChangedSchedule,
  words: { readonly state: string; readonly text: string; readonly same: string },
): Result {
  const { name, version } = schedule;
  return {
    json: () => ({ name, state: words.state, changed: isChanged, version }),
    text: ({ colors }) =>
      `${colors.green('✓')} schedule ${colors.bold(name)} ${isChanged ? words.text : words.same}`,
  };
}
