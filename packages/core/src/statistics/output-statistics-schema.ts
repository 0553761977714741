import { z } from 'zod';

const count = z.int().nonnegative();

/** What is known of one output column; mergeable over parts and shards. */
export const outputStatisticsSchema = z.strictObject({
  count,
  nulls: count,
  /** For numeric columns only. Sums and bounds are over the finite values. */
  numeric: z
    .strictObject({
      nan: count,
      infinite: count,
      min: z.number().nullable(),
      max: z.number().nullable(),
      /** Null where it is beyond the greatest double. */
      sum: z.number().nullable(),
      histogram: z.array(z.tuple([count, count])),
    })
    .nullable(),
});
export type OutputStatistics = z.output<typeof outputStatisticsSchema>;
