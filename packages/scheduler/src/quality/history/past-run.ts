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
  /** With its name and version where it is of the model registry. */
  model: z.object({
    sha256: z.string(),
    name: z.string().optional(),
    version: z.int().optional(),
  }),
  /** Whether its checks passed, or it was published in spite of them. */
  quality: z.enum(['passed', 'accepted']),
});

export type PastRun = Omit<z.output<typeof pastRunSchema>, 'format'>;
