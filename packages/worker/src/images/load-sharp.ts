import { ShardmillError } from '@shardmill/core';

export type SharpLibrary = typeof import('sharp')['default'];

/**
 * The library that decodes images: loaded only by runs that have some. It opens the three formats
 * that are documented, and nothing else that libvips could: those have decoders of their own that
 * were attacked before, and some open other files.
 * @throws IMAGE_LIBRARY_MISSING
 */
export async function loadSharp(): Promise<SharpLibrary> {
  let sharp: SharpLibrary;
  try {
    ({ default: sharp } = await import('sharp'));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ShardmillError(
      'IMAGE_LIBRARY_MISSING',
      `sharp cannot be loaded on ${process.platform} ${process.arch}: ${message.split('\n')[0] ?? ''}`,
      { cause: error },
    );
  }
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: [
      'VipsForeignLoadJpegBuffer',
      'VipsForeignLoadPngBuffer',
      'VipsForeignLoadWebpBuffer',
    ],
  });
  // Images are decoded beside each other, one thread each; none is decoded twice.
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}
