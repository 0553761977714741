import { z } from 'zod';

const side = z.int().positive();
const size = z.strictObject({ height: side, width: side });
const channelValues = z.tuple([z.number(), z.number(), z.number()]);

/** How the images of a feature become tensors, with every default filled in. */
export const boundImage = z.strictObject({
  /** Where images that are named by a text lie; null where the column has their bytes. */
  from: z.string().nullable(),
  /** The shorter edge, or both; null where images are taken as large as they are. */
  resize: z.union([side, size]).nullable(),
  /** From the centre; null for all of it. */
  crop: size.nullable(),
  /** What every image has in the end; one of another size is rejected. */
  height: side,
  width: side,
  interpolation: z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos']),
  channels: z.enum(['RGB', 'BGR', 'L']),
  layout: z.enum(['NCHW', 'NHWC']),
  /** A pixel becomes `(pixel * rescale - mean) / std`, by channel, in the order of the tensor. */
  rescale: z.number(),
  mean: channelValues,
  std: channelValues,
  orientation: z.enum(['exif', 'ignore']),
  background: z.string().nullable(),
  maxPixels: z.int().positive(),
  maxBytes: z.int().positive(),
});

export type BoundImage = z.output<typeof boundImage>;
