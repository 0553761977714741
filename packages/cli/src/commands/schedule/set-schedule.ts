import { loadJob } from '@shardmill/client/jobs';
import {
  nextOfSchedule,
  type ScheduleOptions,
  setSchedule as set,
  type SyncOptions,
  syncSchedules as sync,
} from '@shardmill/client/schedules';
import type { Services } from '@shardmill/client/services';
import type { Result } from '../../result.js';
import type { Terminal } from '../../terminal.js';
import { wrapText } from '../../ui/text/text-layout.js';
import { distanceText, zonedTime } from '../../ui/schedule/time-text.js';
import { syncReport } from '../../ui/schedule/sync-report.js';
import { instantText } from './schedule-document.js';

type NeedsFleet = Pick<Services, 'withFleet'>;

/** Adds the schedule of a job, or replaces it. @throws JOB_…, PARAMETER_…, TEMPLATE_INVALID */
export async function setSchedule(
  reference: string,
  options: ScheduleOptions,
  { cwd }: Terminal,
  services: NeedsFleet,
): Promise<Result> {
  const loaded = await loadJob(reference, cwd);
  return services.withFleet(async (fleet) => {
    const { schedule, outcome, notices } = await set(fleet, loaded, options, cwd);
    const { name, version, paused, work } = schedule;
    const { ticks, timezone } = await nextOfSchedule(fleet, name, 1);
    const next = ticks[0] ?? null;
    const { enabled } = work.job.schedule;
    return {
      json: () => ({ name, version, outcome, paused, enabled, next: instantText(next), notices }),
      text: ({ colors, width }) => {
        const when =
          next === null
            ? 'no tick is to come'
            : `next at ${zonedTime(next, timezone)}, ${distanceText(next, Date.now())}`;
        const stopped = paused
          ? [`  ${colors.yellow(`it is paused: shardmill schedule resume ${name}`)}`]
          : enabled
            ? []
            : [`  ${colors.yellow('it is not enabled: its ticks start nothing')}`];
        return [
          `${colors.green('✓')} schedule ${colors.bold(name)} ${outcome}; ${when}`,
          ...stopped,
          ...notices.map((notice) => `${colors.yellow('note')}  ${wrapText(notice, width, 6)}`),
        ].join('\n');
      },
    };
  });
}

/** Makes the schedules those of the jobs in a folder. @throws JOB_…, before anything is changed */
export function syncSchedules(
  folder: string,
  options: SyncOptions,
  { cwd }: Terminal,
  services: NeedsFleet,
): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const synced = await sync(fleet, folder, options, cwd);
    const dryRun = options.dryRun ?? false;
    return {
      json: () => ({ dryRun, schedules: synced }),
      text: (style) => syncReport(synced, dryRun, style),
    };
  });
}
