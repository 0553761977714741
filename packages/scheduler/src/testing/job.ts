import { type Job, type JobDefinition } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';

/** A job over `data/` beside the job file, with what a test changes. */
export function jobOf(change: Partial<JobDefinition> = {}): Job {
  return parseJob(
    {
      name: 'test',
      input: { uri: 'data' },
      model: { uri: 'm.onnx' },
      output: { uri: 'out', columns: { score: 'score' } },
      ...change,
    },
    'job.yaml',
  );
}
