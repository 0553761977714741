import { z } from 'zod';

/** What a run's profile is to be of. */
export const jobProfileSchema = z
  .strictObject({
    features: z
      .union([z.boolean(), z.array(z.string().min(1)).min(1)])
      .default(false)
      .describe('All features, those of these names or inputs, or none.'),
    rows: z
      .enum(['sample', 'all'])
      .default('sample')
      .describe('Of which rows features are looked at: of one in 128 of a large run, or of all.'),
  })
  .describe('The profile of features and outputs that is kept with the manifest.');

export type JobProfile = z.output<typeof jobProfileSchema>;
