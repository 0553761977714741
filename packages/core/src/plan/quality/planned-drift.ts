import { z } from 'zod';
import { pinnedBaselineSchema } from '../../drift/drift-schema.js';

/** What a run is compared with, and by what it is judged. */
export const plannedDrift = z.strictObject({
  severity: z.enum(['warn', 'fail']),
  /** Kept with the run, by its digest; null where there was no earlier run. */
  baseline: pinnedBaselineSchema.nullable(),
  columns: z.array(
    z.strictObject({
      /** Of the profile. */
      name: z.string(),
      of: z.enum(['feature', 'output']),
      /** By metric. */
      thresholds: z.strictObject({
        psi: z.number().optional(),
        js: z.number().optional(),
        chi2: z.number().optional(),
        ks: z.number().optional(),
        wasserstein: z.number().optional(),
      }),
    }),
  ),
});

export type PlannedDrift = z.output<typeof plannedDrift>;
