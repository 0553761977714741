/** What a job file imports. */
export {
  defineJob,
  type Feature,
  type Job,
  type JobDefinition,
  type JobParameter,
  type TransformFunction,
} from '@shardmill/core';
