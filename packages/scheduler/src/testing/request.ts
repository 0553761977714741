import type { RunRequest } from '../state/run-request.js';
import { jobOf } from './job.js';

/** A request with what a test changes. */
export function requestOf(change: Partial<RunRequest> = {}): RunRequest {
  return {
    run: 'r1',
    submittedAt: new Date(0).toISOString(),
    key: null,
    job: jobOf(),
    jobFile: '/jobs/test/job.yaml',
    params: {},
    priority: 0,
    failFast: false,
    submittedBy: 'user@host',
    ...change,
  };
}
