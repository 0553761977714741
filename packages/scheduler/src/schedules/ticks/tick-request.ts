import { jobAtTime, type LogicalTime } from '@shardmill/core';
import { intervalOf, type ScheduleTiming } from '@shardmill/core/schedules';
import type { RunRequest } from '../../state/run-request.js';
import { parseTickId, type TickId } from '../store/schedule-layout.js';
import type { ScheduledWork, StoredSchedule } from '../store/stored-schedule.js';

/** The logical time of a tick: `{{ ts }}` and the interval since the tick before it. */
export function logicalTimeOf(timing: ScheduleTiming, tick: number): LogicalTime {
  const { start, end } = intervalOf(timing, tick);
  return { ts: new Date(tick), intervalStart: new Date(start), intervalEnd: new Date(end) };
}

/** The job as one tick has it. @param tick milliseconds since 1970. @throws PARAMETER_…, TEMPLATE_INVALID, URI_UNSUPPORTED */
export function jobOfTick(work: ScheduledWork, tick: number): ReturnType<typeof jobAtTime> {
  return jobAtTime(work, logicalTimeOf(work.job.schedule, tick));
}

/**
 * The run of a tick. Every scheduler that makes it of the same decision makes the same.
 * @throws PARAMETER_…, TEMPLATE_INVALID, URI_UNSUPPORTED
 */
export function requestOfTick(
  { name, work, triggers }: Pick<StoredSchedule, 'name' | 'work' | 'triggers'>,
  id: TickId,
  started: { readonly run: string; readonly at: string; readonly by: string },
): RunRequest {
  const { tick = 0, trigger: number } = parseTickId(id) ?? {};
  const { job, params } = jobOfTick(work, tick);
  const trigger = triggers.find((one) => one.number === number);
  const { mode = null } = trigger ?? {};
  return {
    run: started.run,
    submittedAt: started.at,
    key: null,
    job: mode === null ? job : { ...job, output: { ...job.output, mode } },
    jobFile: work.jobFile,
    params,
    priority: work.priority,
    failFast: work.failFast,
    submittedBy: trigger?.by ?? `schedule ${name}`,
    tick: { schedule: name, id, at: new Date(tick).toISOString() },
  };
}
