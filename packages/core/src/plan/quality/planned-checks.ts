import { z } from 'zod';
import { checkSchema } from '../../job/quality/checks-schema.js';

/** The checks of a run, with what is known of the input when it is planned. */
export const plannedChecks = z.strictObject({
  checks: z.array(checkSchema),
  /** When the newest file of the input was written, where a check is of that. */
  newestInput: z.string().optional(),
});

export type PlannedChecks = z.output<typeof plannedChecks>;
