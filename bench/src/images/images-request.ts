import { z } from 'zod';

/** What `baseline-images-process.js` is asked. */
export const imagesRequest = z.object({
  model: z.string(),
  data: z.string(),
  threads: z.int().positive(),
  resize: z.int().positive(),
  crop: z.int().positive(),
  batchRows: z.int().positive(),
});
export type ImagesRequest = z.infer<typeof imagesRequest>;

/** What it answers: the sum of all scores, which must be the product's. */
export const imagesAnswer = z.object({ images: z.int(), sum: z.number() });
