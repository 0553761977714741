import { z } from 'zod';

/** How challengers compare with the champion, as parts and shards say it: mergeable in any order. */

const count = z.int().nonnegative();

const numbers = z.strictObject({
  kind: z.literal('numbers'),
  /** The champion's column. */
  column: z.string(),
  /** Rows in which both are finite. */
  compared: count,
  /** Of challenger minus champion, and of its absolute value: exact, as in the profile's sketches. */
  sum: z.string(),
  absoluteSum: z.string(),
  largest: z.number().nonnegative(),
  /** Rows by the champion's band, and then by the challenger's; empty without bands. */
  bands: z.array(count),
  /** Pairs of a sample of the rows: the champion's value and the challenger's, in turn. */
  pairs: z.array(z.number()),
});

const labels = z.strictObject({
  kind: z.literal('labels'),
  column: z.string(),
  /** Rows in which neither is null. */
  compared: count,
  equal: count,
});

export const challengerStateSchema = z.strictObject({
  name: z.string(),
  /** Rows of its share among those that are in the output. */
  sampled: count,
  /** Rows of its share that it gave no score for. */
  failed: count,
  columns: z.array(z.discriminatedUnion('kind', [numbers, labels])),
});

export type ChallengerState = z.output<typeof challengerStateSchema>;
export type NumbersState = z.output<typeof numbers>;
