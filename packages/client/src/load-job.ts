import path from 'node:path';
import type { Job, JobDefinition } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import { findJob } from './find-job.js';
import { readDefinition } from './read-definition/read-definition.js';

export interface LoadedJob {
  /** The definition as the user wrote it. */
  readonly definition: unknown;
  /** Checked and with defaults; templates are not filled in. */
  readonly job: Job;
  /** Absolute path of the definition; of an object, a name in the folder that it is relative to. */
  readonly file: string;
}

/** What stands for the file of a job that is an object, in messages and in plans. */
const OBJECT_NAME = '(definition object)';

/**
 * Finds, reads and checks a job: a name, a path, or a definition whose locations start at `cwd`.
 * @throws JOB_NOT_FOUND, JOB_UNREADABLE with file, line and column, JOB_INVALID
 */
export async function loadJob(reference: string | JobDefinition, cwd: string): Promise<LoadedJob> {
  if (typeof reference !== 'string') {
    const file = path.join(cwd, OBJECT_NAME);
    return { definition: reference, job: parseJob(reference, file), file };
  }
  const file = findJob(reference, cwd);
  const definition = await readDefinition(file);
  return { definition, job: parseJob(definition, file), file };
}
