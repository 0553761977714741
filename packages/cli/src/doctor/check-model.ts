import type { Fleet } from '@shardmill/client/fleet';
import type { PreparedJob } from '@shardmill/client/jobs';
import { locateModel } from '@shardmill/client/models';
import { checkReadable } from './check-location.js';
import { failedWith, type Finding } from './finding.js';

/** Whether the version of the registry that a job names is there, and can be read; nothing for other jobs. */
export async function checkModel(
  { job }: Pick<PreparedJob, 'job'>,
  { registry, stores }: Pick<Fleet, 'registry' | 'stores'>,
): Promise<Finding[]> {
  try {
    const location = await locateModel(job, registry.store);
    return location === undefined ? [] : [await checkReadable('model', location, stores)];
  } catch (error) {
    return [failedWith('model', error)];
  }
}
