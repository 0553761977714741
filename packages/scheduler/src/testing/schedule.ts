import type { JobDefinition, JobSchedule } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import type { ScheduledWork } from '../schedules/store/stored-schedule.js';

/** What the runs of a schedule do, with what a test changes of its times and of its job. */
export function scheduledWork(
  schedule: Partial<JobSchedule> = {},
  change: Partial<JobDefinition> = {},
): ScheduledWork {
  const job = parseJob(
    {
      name: 'test',
      input: { uri: 'data/ds={{ ds }}' },
      model: { uri: 'm.onnx' },
      output: { uri: 'out/ds={{ ds }}', columns: { score: 'score' } },
      ...change,
      schedule: { cron: '0 5 * * *', timezone: 'Asia/Dubai', ...schedule },
    },
    'job.yaml',
  );
  const { schedule: parsed } = job;
  if (parsed === undefined) throw new Error('the job has no schedule');
  return {
    job: { ...job, schedule: parsed },
    jobFile: '/jobs/test/job.yaml',
    params: {},
    priority: 50,
    failFast: false,
  };
}
