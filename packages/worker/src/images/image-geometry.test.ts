import { describe, expect, it } from 'vitest';
import { geometryOf } from './image-geometry.js';
import { usualImage } from '../testing/usual-image.js';

const square = (side: number) => ({ height: side, width: side });

describe('the geometry of an image', () => {
  it('resizes the shorter edge, rounds the longer one down, and crops the centre', () => {
    const image = { ...usualImage, resize: 256, crop: square(224), ...square(224) };
    expect(geometryOf({ height: 375, width: 500 }, image)).toEqual({
      resized: { height: 256, width: 341 },
      cropped: { ...square(224), left: 58, top: 16 },
    });
    expect(geometryOf({ height: 500, width: 375 }, image)).toEqual({
      resized: { height: 341, width: 256 },
      cropped: { ...square(224), left: 16, top: 58 },
    });
  });

  it('does nothing that changes nothing', () => {
    const image = { ...usualImage, resize: 8, crop: square(8) };
    expect(geometryOf(square(8), image)).toEqual({ resized: undefined, cropped: undefined });
  });

  it('refuses what is smaller than the crop, or has another size than the tensor', () => {
    expect(geometryOf(square(7), { ...usualImage, crop: square(8) })).toEqual({
      refused: 'is 7 x 7 (height x width), smaller than the crop of 8 x 8 (height x width)',
    });
    expect(geometryOf({ height: 8, width: 9 }, usualImage)).toEqual({
      refused: 'is 8 x 9 (height x width), expected 8 x 8 (height x width)',
    });
  });
});
