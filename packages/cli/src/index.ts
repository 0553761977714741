/** What a job file or a configuration file imports. */
export {
  type ConfigDefinition,
  defineConfig,
  defineJob,
  type Feature,
  type Job,
  type JobDefinition,
  type JobParameter,
  type TransformFunction,
} from '@shardmill/core';
