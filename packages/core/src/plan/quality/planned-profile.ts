import { z } from 'zod';

const count = z.int().nonnegative();

/** What the profile of a run is of, beside its outputs. */
export const plannedProfile = z.strictObject({
  /** Which rows features are looked at: one block of `blockRows` rows of a file in `every`. */
  sampling: z.strictObject({ every: z.int().positive(), blockRows: z.int().positive() }),
  features: z.array(
    z.strictObject({
      name: z.string(),
      /** Index into `scoring.features`, and into its columns. */
      feature: count,
      column: count,
    }),
  ),
  /** Columns of features that are left out. */
  omitted: count,
});

export type PlannedProfile = z.output<typeof plannedProfile>;
