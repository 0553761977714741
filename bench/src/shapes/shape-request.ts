import { z } from 'zod';

/** What `baseline-shape-process.js` is asked. */
export const shapeRequest = z.object({
  model: z.string(),
  data: z.string(),
  /** The model's inputs, in SQL over the data. */
  inputs: z.array(
    z.object({
      name: z.string(),
      /** The column of the data that the plain loop takes. */
      column: z.string(),
      sql: z.string(),
      type: z.enum(['float32', 'string']),
      /** Elements of a list; 1 for a value. */
      width: z.int().positive(),
    }),
  ),
  outputs: z.array(z.string()),
  threads: z.int().positive(),
  /** Rows of a call: each is measured. */
  batches: z.array(z.int().positive()),
  seconds: z.number().positive(),
});
export type ShapeRequest = z.infer<typeof shapeRequest>;

/** What it answers: for each batch, rows per second. */
export const shapeAnswer = z.object({ rowsPerSecond: z.array(z.number().positive()) });
