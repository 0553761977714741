import type { Job } from '@shardmill/core';
import type { BackfillDate, BackfillRequest } from '../backfill/log/backfill-request.js';
import { jobOf } from './job.js';

/** The dates from 1 November 2026 on, each at midnight. */
export function datesOf(count: number, mode: BackfillDate['mode'] = 'create'): BackfillDate[] {
  const day = (number: number): string => new Date(Date.UTC(2026, 10, number)).toISOString();
  return Array.from({ length: count }, (_, i) => ({
    ts: day(i + 1),
    start: day(i),
    end: day(i + 1),
    mode,
    replaces: null,
  }));
}

/** A backfill of three dates that write to folders of their own below `output`. */
export function backfillOf(output: string, change: Partial<BackfillRequest> = {}): BackfillRequest {
  const job: Job = jobOf({
    output: { ...jobOf().output, uri: `${output}/ds={{ ds }}` },
  });
  return {
    id: 'b1',
    submittedAt: new Date(0).toISOString(),
    submittedBy: 'ada@example',
    job,
    jobFile: '/jobs/test/job.yaml',
    params: {},
    priority: 25,
    failFast: false,
    place: 'fleet',
    range: { from: '2026-11-01', to: '2026-11-03', every: 'day', reprocess: 'missing' },
    maxActive: 2,
    dates: datesOf(3),
    ...change,
  };
}
