import { z } from 'zod';

const count = z.number().int().positive();

/** How many files the process of this measurement commits, and by how many partitions. */
export const commitRequest = z.strictObject({
  files: count,
  partitions: count,
  /** A Parquet file with the columns of the table but `bucket`: each file of the table is a link to it. */
  seed: z.string(),
  rows: count,
});

const cost = z.strictObject({ ms: z.number(), cpuMs: z.number() });

/** What it answers with. */
export const commitAnswer = z.strictObject({
  files: count,
  /** The first commit of a table. */
  commit: cost,
  /** One that replaces all of its files by as many. */
  replace: cost,
  commitBytes: z.number(),
  /** Of the process. */
  peakBytes: z.number(),
});
export type CommitAnswer = z.output<typeof commitAnswer>;
