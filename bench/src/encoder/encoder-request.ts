import { z } from 'zod';

/** What `baseline-encoder-process.js` is asked. */
export const encoderRequest = z.object({
  model: z.string(),
  threads: z.int().positive(),
  tokens: z.int().positive(),
  vocabulary: z.int().positive(),
  /** Rows of a call: each is measured. */
  batches: z.array(z.int().positive()),
  seconds: z.number().positive(),
});
export type EncoderRequest = z.infer<typeof encoderRequest>;

/** What it answers: for each batch, rows per second, and rows per second of processor time. */
export const encoderAnswer = z.object({
  rowsPerSecond: z.array(z.number().positive()),
  rowsPerCpuSecond: z.array(z.number().positive()),
});
