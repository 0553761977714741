import type { JobDefinition } from './job-schema.js';

/** Type-checks a definition in an editor; the checks at run time are `parseJob`'s. */
export function defineJob(definition: JobDefinition): JobDefinition {
  return definition;
}
