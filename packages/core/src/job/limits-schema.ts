import { z } from 'zod';
import { COST_MESSAGE, isCost, MIN_MAX_DURATION } from './bounds.js';
import { durationSchema } from './values/duration-schema.js';

/** What stops a run before its end. It can go on afterwards: what is done is kept. */
export const limitsSchema = z
  .strictObject({
    maxDuration: durationSchema(MIN_MAX_DURATION)
      .optional()
      .describe('Time from the plan to the last shard; of a resumed run, from its resumption.'),
    maxCost: z
      .number(COST_MESSAGE)
      .refine(isCost, COST_MESSAGE)
      .optional()
      .describe('Worker time times its price (price.workerHour), of all attempts together.'),
  })
  .describe('A run that exceeds one of these is stopped; what is done is kept.');

export type RunLimits = z.output<typeof limitsSchema>;
