import { withAbsoluteLocations } from '@shardmill/core';
import type { RunRequest } from '@shardmill/scheduler';
import type { PreparedJob } from '../prepare-job.js';

export interface RequestOptions {
  readonly runKey?: string | undefined;
  readonly priority: number;
  readonly failFast?: boolean | undefined;
  readonly maxRejectedRows?: string | number | undefined;
}

/** What is stored of a submission. @throws URI_UNSUPPORTED */
export function buildRequest(
  { job, jobFile, params }: Pick<PreparedJob, 'job' | 'jobFile' | 'params'>,
  options: RequestOptions,
  who: {
    readonly run: string;
    readonly now: Date;
    readonly by: string;
    /** The run of an orchestrator that submits it. */
    readonly parent?: RunRequest['parent'];
  },
): RunRequest {
  const absolute = withAbsoluteLocations(job, jobFile);
  const { maxRejectedRows = job.errors.maxRejectedRows } = options;
  return {
    run: who.run,
    submittedAt: who.now.toISOString(),
    key: options.runKey ?? null,
    job: { ...absolute, errors: { ...absolute.errors, maxRejectedRows } },
    jobFile,
    params,
    priority: options.priority,
    failFast: options.failFast ?? false,
    submittedBy: who.by,
    ...(who.parent !== undefined && { parent: who.parent }),
  };
}
