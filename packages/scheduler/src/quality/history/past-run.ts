import { z } from 'zod';

const count = z.int().nonnegative();

/** What is kept of a finished run of a job, to compare later ones with. */
export const pastRunSchema = z.object({
  format: z.literal('shardmill-past-run/1'),
  run: z.string(),
  /** The location of its output, and the run under which its notes lie there. */
  output: z.string(),
  finishedAt: z.string(),
  params: z.record(z.string(), z.string()),
  rows: z.object({ read: count, scored: count }),
});

export type PastRun = Omit<z.output<typeof pastRunSchema>, 'format'>;
