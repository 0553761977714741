import type { Job } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import { findJob } from './find-job.js';
import { readDefinition } from './read-definition/read-definition.js';

export interface LoadedJob {
  /** As the user wrote it. */
  readonly definition: unknown;
  /** Checked and with defaults; templates are not filled in. */
  readonly job: Job;
  /** Absolute path of the definition. */
  readonly file: string;
}

/**
 * Finds, reads and checks a job.
 * @throws JOB_NOT_FOUND, JOB_UNREADABLE with file, line and column, JOB_INVALID
 */
export async function loadJob(reference: string, cwd: string): Promise<LoadedJob> {
  const file = findJob(reference, cwd);
  const definition = await readDefinition(file);
  return { definition, job: parseJob(definition, file), file };
}
