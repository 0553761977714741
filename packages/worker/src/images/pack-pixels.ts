import type { BoundImage, TensorType } from '@shardmill/core';
import type { NumberArray } from '../duckdb/raw-vector.js';
import { toHalf } from '../onnx/float16.js';
import type { Pixels } from './pixels.js';

/** Writes the pixels of an image into its row of a tensor, from element `at` on. */
export type PackPixels = (target: NumberArray, at: number, pixels: Pixels) => void;

/**
 * `(pixel * rescale - mean) / std` by a table for each channel: there are 256 values of a pixel.
 * @param type float32, float16 or uint8.
 */
export function pixelPacker(image: BoundImage, type: TensorType): PackPixels {
  const { height, width, layout, channels } = image;
  const area = height * width;
  const tables = [0, 1, 2].map((channel) => valueTable(image, type, channel));
  const count = channels === 'L' ? 1 : 3;
  // Distance between neighbouring pixels of a channel, and between neighbouring channels.
  const [pixelStep, channelStep] = layout === 'NCHW' ? [1, area] : [count, 1];
  return (target, at, { data, channels: stored }) => {
    for (let channel = 0; channel < count; channel++) {
      const table = tables[channel] ?? [];
      let to = at + channel * channelStep;
      if (channels === 'L' && stored >= 3) {
        for (let from = 0; from < area * stored; from += stored, to += pixelStep) {
          target[to] = table[luma(data, from)] ?? 0;
        }
        continue;
      }
      const first = stored < 3 ? 0 : channels === 'BGR' ? 2 - channel : channel;
      for (let from = first; from < area * stored; from += stored, to += pixelStep) {
        target[to] = table[data[from] ?? 0] ?? 0;
      }
    }
  };
}

/** The L of ITU-R 601-2 as Pillow rounds it. */
function luma(data: Uint8Array, at: number): number {
  const [red = 0, green = 0, blue = 0] = [data[at], data[at + 1], data[at + 2]];
  return (red * 19_595 + green * 38_470 + blue * 7471 + 0x8000) >> 16;
}

function valueTable(
  { rescale, mean, std }: BoundImage,
  type: TensorType,
  channel: number,
): ArrayLike<number> {
  if (type === 'uint8') return Uint8Array.from({ length: 256 }, (_, pixel) => pixel);
  const values = Float32Array.from(
    { length: 256 },
    (_, pixel) => (pixel * rescale - (mean[channel] ?? 0)) / (std[channel] ?? 1),
  );
  return type === 'float16' ? Uint16Array.from(values, toHalf) : values;
}
