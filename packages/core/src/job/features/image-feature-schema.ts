import { z } from 'zod';
import { wholeNumberFrom } from '../bounds.js';
import { parseBytes } from '../values/units.js';
import { whole } from '../values/whole-schema.js';

/** Height and width of an image, in pixels. */
const SIDE = { least: 1, most: 16_384 };
/** What libvips takes at most, and its decoders with it. */
const PIXELS = { least: 1, most: 268_402_689 };
const DEFAULT_MAX_PIXELS = 50_000_000;
const MAX_IMAGE_BYTES = 1024 ** 3;

const pair = z.tuple([whole(SIDE), whole(SIDE)]);
const sizeMessage = `${wholeNumberFrom(SIDE)}, or two of them: [height, width]`;

const perChannel = z
  .union([z.number(), z.array(z.number()).min(1).max(3)], 'expected a number, or one per channel')
  .optional();

const BYTES_MESSAGE = 'expected a size from "1KiB" to "1GiB", such as "16MiB"';
const BYTES_TEXT = /^\d+(\.\d+)?\s*[KMG]i?B$/;
const imageBytes = z
  .union([z.int(BYTES_MESSAGE), z.string().regex(BYTES_TEXT, BYTES_MESSAGE)], BYTES_MESSAGE)
  .refine((size) => {
    if (typeof size === 'string' && !BYTES_TEXT.test(size)) return true;
    const bytes = parseBytes(size, 0);
    return bytes >= 1024 && bytes <= MAX_IMAGE_BYTES;
  }, BYTES_MESSAGE);

/** A feature that is a column of images: `docs/images.md` has the formula. */
export const imageFeature = z.strictObject({
  image: z
    .string()
    .trim()
    .min(1)
    .describe('SQL that gives a JPEG, PNG or WebP as BLOB, or where one lies as VARCHAR.'),
  from: z
    .string()
    .min(1)
    .optional()
    .describe('Where images that are named by VARCHAR lie; names that lead elsewhere are refused.'),
  resize: z
    .union([whole(SIDE), pair], sizeMessage)
    .optional()
    .describe('The shorter edge, or [height, width].'),
  crop: z
    .union([whole(SIDE), pair], sizeMessage)
    .optional()
    .describe('From the centre, after resize: a square, or [height, width].'),
  interpolation: z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos']).default('bilinear'),
  channels: z.enum(['RGB', 'BGR', 'L']).default('RGB'),
  rescale: z
    .number()
    .optional()
    .describe('What pixels of 0 to 255 are multiplied by; 1/255 where left out.'),
  mean: perChannel.describe('Is subtracted from the rescaled pixel.'),
  std: perChannel.describe('The difference is divided by it.'),
  layout: z.enum(['NCHW', 'NHWC']).default('NCHW'),
  orientation: z
    .enum(['exif', 'ignore'])
    .default('exif')
    .describe('Whether images are turned as their EXIF metadata says.'),
  background: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, 'expected a colour such as "#ffffff"')
    .optional()
    .describe('What shows through transparent pixels; without it, transparency is dropped.'),
  maxPixels: whole(PIXELS).default(DEFAULT_MAX_PIXELS).describe('An image of more is rejected.'),
  maxBytes: imageBytes.default('16MiB').describe('An image file of more is rejected.'),
});

export type ImageFeature = z.output<typeof imageFeature>;
