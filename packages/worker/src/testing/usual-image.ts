import type { BoundImage } from '@shardmill/core';

/** Images of 8 x 8, as they are. */
export const usualImage: BoundImage = {
  from: null,
  resize: null,
  crop: null,
  height: 8,
  width: 8,
  interpolation: 'bilinear',
  channels: 'RGB',
  layout: 'NCHW',
  rescale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  orientation: 'exif',
  background: null,
  maxPixels: 50_000_000,
  maxBytes: 16 * 2 ** 20,
};
