import type { BoundImage } from '@shardmill/core';
import type { Pixels } from './pixels.js';
import type { Region, Size } from './image-geometry.js';

/**
 * Resizes pixels of 8 bits as Pillow's `Image.resize` does, to the bit, and gives a region of the
 * result: first along the rows, rounded to 8 bits, then along the columns (libImaging/Resample.c).
 * For images that become larger in a direction: libvips places their pixels otherwise.
 */
export function enlarge(
  { data, channels }: Pixels,
  source: Size,
  resized: Size,
  region: Region,
  interpolation: BoundImage['interpolation'],
): Pixels {
  const across = weightsOf(source.width, resized.width, region.left, region.width, interpolation);
  const down = weightsOf(source.height, resized.height, region.top, region.height, interpolation);
  const narrow = new Uint8Array(source.height * region.width * channels);
  for (let row = 0, to = 0; row < source.height; row++) {
    for (const { first, weights } of across) {
      const at = (row * source.width + first) * channels;
      for (let channel = 0; channel < channels; channel++) {
        narrow[to++] = weighted(data, at + channel, channels, weights);
      }
    }
  }
  const stride = region.width * channels;
  const result = new Uint8Array(region.height * stride);
  for (let row = 0, to = 0; row < region.height; row++) {
    const { first = 0, weights = NO_WEIGHTS } = down[row] ?? {};
    for (let column = 0; column < stride; column++) {
      result[to++] = weighted(narrow, first * stride + column, stride, weights);
    }
  }
  return { data: result, channels };
}

/** Weights of the source pixels of one result pixel, from the `first` on; their sum is 2^22. */
interface PixelWeights {
  readonly first: number;
  readonly weights: Int32Array;
}
const NO_WEIGHTS = new Int32Array();
const PRECISION_BITS = 22;

function weighted(data: Uint8Array, at: number, step: number, weights: Int32Array): number {
  let sum = 1 << (PRECISION_BITS - 1);
  for (let i = 0; i < weights.length; i++) sum += (data[at + i * step] ?? 0) * (weights[i] ?? 0);
  const value = sum >> PRECISION_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function weightsOf(
  source: number,
  result: number,
  from: number,
  count: number,
  interpolation: BoundImage['interpolation'],
): PixelWeights[] {
  const scale = source / result;
  return Array.from({ length: count }, (_, index) => {
    const center = (from + index + 0.5) * scale;
    if (interpolation === 'nearest') {
      return { first: Math.min(source - 1, Math.floor(center)), weights: WHOLE };
    }
    const { support, weight } = FILTERS[interpolation];
    // A filter is widened where the image becomes smaller in this direction.
    const stretch = Math.max(1, scale);
    const first = Math.max(0, Math.trunc(center - support * stretch + 0.5));
    const end = Math.min(source, Math.trunc(center + support * stretch + 0.5));
    const raw = Array.from({ length: end - first }, (_unused, i) =>
      weight((first + i - center + 0.5) / stretch),
    );
    const sum = raw.reduce((total, value) => total + value, 0);
    return {
      first,
      weights: Int32Array.from(raw, (value) => {
        const exact = (value / sum) * 2 ** PRECISION_BITS;
        return Math.trunc(exact < 0 ? exact - 0.5 : exact + 0.5);
      }),
    };
  });
}

const WHOLE = Int32Array.of(1 << PRECISION_BITS);

interface Filter {
  /** Pixels to either side that count. */
  readonly support: number;
  /** Of a pixel at this distance. */
  readonly weight: (distance: number) => number;
}

const FILTERS: Record<Exclude<BoundImage['interpolation'], 'nearest'>, Filter> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: (x) => cubic(Math.abs(x)) },
  lanczos: { support: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

const CUBIC = -0.5;
function cubic(x: number): number {
  if (x < 1) return ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * CUBIC : 0;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
