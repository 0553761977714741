import { describe, expect, it } from 'vitest';
import { fromHalf } from '../onnx/float16.js';
import { pixelPacker } from './pack-pixels.js';
import { usualImage } from '../testing/usual-image.js';

/** Two pixels beside each other. */
const size = { height: 1, width: 2 };
const pixels = { data: Uint8Array.of(10, 20, 30, 40, 50, 60), channels: 3 as const };

describe('the pixels of an image in a tensor', () => {
  it.each([
    ['NCHW', 'RGB', [10, 40, 20, 50, 30, 60]],
    ['NHWC', 'RGB', [10, 20, 30, 40, 50, 60]],
    ['NCHW', 'BGR', [30, 60, 20, 50, 10, 40]],
    ['NHWC', 'BGR', [30, 20, 10, 60, 50, 40]],
    // (10 * 19595 + 20 * 38470 + 30 * 7471 + 2^15) >> 16, as Pillow has it.
    ['NCHW', 'L', [18, 48]],
  ] as const)('in %s, %s', (layout, channels, expected) => {
    const target = new Float32Array(1 + expected.length);
    pixelPacker({ ...usualImage, ...size, layout, channels }, 'float32')(target, 1, pixels);
    expect([...target]).toEqual([0, ...expected]);
  });

  it('are rescaled, and normalized by channel', () => {
    const image = {
      ...usualImage,
      ...size,
      rescale: 1 / 255,
      mean: [0.485, 0.456, 0.406] as [number, number, number],
      std: [0.229, 0.224, 0.225] as [number, number, number],
    };
    const target = new Float32Array(6);
    pixelPacker(image, 'float32')(target, 0, pixels);
    const exact = [10, 40, 20, 50, 30, 60].map(
      (pixel, i) => (pixel / 255 - (image.mean[i >> 1] ?? 0)) / (image.std[i >> 1] ?? 1),
    );
    exact.forEach((value, i) => expect(target[i]).toBeCloseTo(value, 6));
    const halves = new Uint16Array(6);
    pixelPacker(image, 'float16')(halves, 0, pixels);
    exact.forEach((value, i) => expect(fromHalf(halves[i] ?? 0)).toBeCloseTo(value, 2));
  });

  it('are as they are for uint8, and a gray image fills all channels', () => {
    const target = new Uint8Array(6);
    const gray = { data: Uint8Array.of(7, 255), channels: 1 as const };
    pixelPacker({ ...usualImage, ...size }, 'uint8')(target, 0, gray);
    expect([...target]).toEqual([7, 255, 7, 255, 7, 255]);
  });
});
