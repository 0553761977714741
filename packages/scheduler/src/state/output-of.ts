import path from 'node:path';
import { resolveLocation } from '@shardmill/core';
import type { RunRequest } from './run-request.js';

/** Where a run writes to. */
export function outputOf({ job, jobFile }: Pick<RunRequest, 'job' | 'jobFile'>): string {
  return resolveLocation(job.output.uri, path.dirname(jobFile));
}
