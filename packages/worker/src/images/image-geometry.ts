import type { BoundImage } from '@shardmill/core';

export interface Size {
  readonly height: number;
  readonly width: number;
}

export interface Region extends Size {
  readonly left: number;
  readonly top: number;
}

/** What is done to an image of some size, or why it cannot be brought to the size of the tensor. */
export type Geometry =
  | { readonly resized: Size | undefined; readonly cropped: Region | undefined }
  | { readonly refused: string };

/**
 * Resizes the shorter edge, rounding the longer one down, as torchvision's `Resize` and the
 * `shortest_edge` of transformers do; or both edges. Then takes the centre, with an odd pixel left
 * over at the right and below, as `center_crop` of transformers does.
 * @param source after it was turned by its EXIF orientation.
 */
export function geometryOf(source: Size, image: BoundImage): Geometry {
  const { resize, crop, height, width } = image;
  const resized = resize === null ? source : resizedTo(source, resize);
  const region = crop === null ? resized : crop;
  if (region.height > resized.height || region.width > resized.width) {
    return { refused: `is ${text(resized)}, smaller than the crop of ${text(region)}` };
  }
  if (region.height !== height || region.width !== width) {
    return { refused: `is ${text(region)}, expected ${text(image)}` };
  }
  return {
    resized: same(resized, source) ? undefined : resized,
    cropped: same(region, resized)
      ? undefined
      : {
          ...region,
          left: Math.floor((resized.width - region.width) / 2),
          top: Math.floor((resized.height - region.height) / 2),
        },
  };
}

function resizedTo(source: Size, resize: Exclude<BoundImage['resize'], null>): Size {
  if (typeof resize !== 'number') return resize;
  const { height, width } = source;
  return height < width
    ? { height: resize, width: Math.floor((resize * width) / height) }
    : { height: Math.floor((resize * height) / width), width: resize };
}

const same = (a: Size, b: Size): boolean => a.height === b.height && a.width === b.width;
const text = ({ height, width }: Size): string => `${height} x ${width} (height x width)`;
