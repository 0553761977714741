import type { Job, JobDefinition } from '../job/job-schema.js';
import { parseJob } from '../job/parse-job.js';

/** A job with what a test changes. */
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
