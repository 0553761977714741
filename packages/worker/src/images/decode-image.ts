import { type BoundImage, formatCount, ShardmillError } from '@shardmill/core';
import type { Sharp } from 'sharp';
import { enlarge } from './enlarge.js';
import { geometryOf, type Size } from './image-geometry.js';
import { type ImageFormat, imageFormat, otherFormat } from './image-format.js';
import type { SharpLibrary } from './load-sharp.js';
import type { Pixels } from './pixels.js';

/** Why a row's image cannot be scored. */
export interface RefusedImage {
  readonly refused: string;
}

/**
 * Decodes an image on libvips' threads, and brings it to the size of the tensor: turned by its EXIF
 * orientation, transparency replaced or dropped, resized, cropped, as sRGB of 8 bits per channel.
 * Profiles are ignored, as by Pillow. @throws ENGINE_OUT_OF_MEMORY
 */
export async function decodeImage(
  sharp: SharpLibrary,
  bytes: Uint8Array,
  image: BoundImage,
): Promise<Pixels | RefusedImage> {
  const format = imageFormat(bytes);
  if (format === undefined) return refuseFormat(bytes);
  try {
    return await decode(sharp, bytes, format, image);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (message.includes('exceeds pixel limit')) return tooManyPixels(image);
    // Not the image's fault: another attempt has fewer rows in flight.
    if (/out of memory|(?:cannot|could not|failed to|unable to) allocate/i.test(message)) {
      throw new ShardmillError('ENGINE_OUT_OF_MEMORY', `decoding an image: ${firstLine(message)}`);
    }
    return { refused: `is a damaged ${format}: ${firstLine(message)}` };
  }
}

async function decode(
  sharp: SharpLibrary,
  bytes: Uint8Array,
  format: ImageFormat,
  image: BoundImage,
): Promise<Pixels | RefusedImage> {
  const open = (): Sharp =>
    sharp(bytes, {
      // Warnings, such as of stray bytes between markers, are no damage.
      failOn: 'error',
      limitInputPixels: image.maxPixels,
      ignoreIcc: true,
      autoOrient: image.orientation === 'exif',
    });
  const known = await open().metadata();
  if (known.width * known.height > image.maxPixels) return tooManyPixels(image);
  if ((known.pages ?? 1) > 1) return { refused: `is an animation: ${format}` };
  const { width, height } = image.orientation === 'exif' ? known.autoOrient : known;
  const geometry = geometryOf({ width, height }, image);
  if ('refused' in geometry) return geometry;
  const { resized, cropped } = geometry;
  let work = known.hasAlpha ? await withoutAlpha(sharp, open(), image) : open();
  if (resized !== undefined && (resized.height > height || resized.width > width)) {
    const region = cropped ?? { ...resized, left: 0, top: 0 };
    const source = await pixelsOf(work);
    return enlarge(source, { height, width }, resized, region, image.interpolation);
  }
  if (resized !== undefined) {
    work = work.resize({
      ...resized,
      fit: 'fill',
      kernel: KERNELS[image.interpolation],
      // A smaller image from the decoder is nearer to the next pixel than to the exact one.
      fastShrinkOnLoad: false,
    });
  }
  if (cropped !== undefined) work = work.extract(cropped);
  return pixelsOf(work);
}

async function pixelsOf(work: Sharp): Promise<Pixels & Size> {
  const { data, info } = await work
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return { data, width, height, channels };
}

const KERNELS = {
  nearest: 'nearest',
  bilinear: 'linear',
  bicubic: 'cubic',
  lanczos: 'lanczos3',
} as const;

/** Transparency is gone before pixels are mixed: what lies under it has the weight of all others. */
async function withoutAlpha(
  sharp: SharpLibrary,
  work: Sharp,
  { background }: BoundImage,
): Promise<Sharp> {
  if (background !== null) return work.flatten({ background });
  const { data, ...raw } = await pixelsOf(work.removeAlpha());
  return sharp(data, { raw });
}

function refuseFormat(bytes: Uint8Array): RefusedImage {
  if (bytes.byteLength === 0) return { refused: 'is empty' };
  const other = otherFormat(bytes);
  return { refused: `is no JPEG, PNG or WebP${other === undefined ? '' : ` (it is ${other})`}` };
}

const tooManyPixels = ({ maxPixels }: BoundImage): RefusedImage => ({
  refused: `has more than ${formatCount(maxPixels)} pixels (maxPixels)`,
});

/** The rest of a message of libvips repeats it for each of its layers. */
const firstLine = (message: string): string =>
  (message.split('\n')[0] ?? '').trim().slice(0, MAX_MESSAGE_CHARACTERS);
const MAX_MESSAGE_CHARACTERS = 120;
