import {
  type BoundFeature,
  type BoundImage,
  type Feature,
  type ImageFeature,
  isImageFeature,
  parseBytes,
  ShardmillError,
  type TensorInfo,
} from '@shardmill/core';
import { shapeText } from '../../onnx/shape-text.js';

/** An image feature whose column's type is known. */
export interface ImageToBind {
  readonly feature: ImageFeature;
  /** Of its expression, as DuckDB names it. */
  readonly sqlType: string;
  /** The expression as the engine runs it. */
  readonly addressed: string;
}

/**
 * Holds an image feature against its column and its model input.
 * @throws FEATURE_IMAGE, FEATURE_TYPE, FEATURE_COUNT
 */
export function bindImage(input: TensorInfo, image: ImageToBind): BoundFeature {
  const { feature, sqlType, addressed } = image;
  const where = `features.${input.name}`;
  requirePixelType(input, feature, where);
  requireSource(feature, sqlType, where);
  const wanted = sizeOf(input, feature, where);
  const rowShape = shapeOf(input, feature, wanted, where);
  return {
    input: input.name,
    type: input.type,
    layout: 'image',
    image: boundImage(input, feature, wanted, where),
    width: rowShape.reduce((product, dim) => product * dim, 1),
    rowShape,
    columns: [{ label: feature.image, sql: `(${addressed}\n)` }],
  };
}

/** A transform's batches are Arrow's, in which there are no images. @throws FEATURE_IMAGE */
export function refuseImages(features: Readonly<Record<string, Feature>>): void {
  for (const [name, feature] of Object.entries(features)) {
    if (!isImageFeature(feature)) continue;
    throw fault(
      `features.${name}`,
      'the job has a transform, which returns no images',
      'Leave out the transform, and write what it computes in SQL.',
    );
  }
}

interface Size {
  readonly height: number;
  readonly width: number;
}

function fault(where: string, message: string, remedy: string): ShardmillError {
  return new ShardmillError('FEATURE_IMAGE', message, { where, remedy });
}

function requirePixelType(input: TensorInfo, feature: ImageFeature, where: string): void {
  if (input.type === 'float32' || input.type === 'float16') return;
  if (input.type !== 'uint8') {
    throw new ShardmillError(
      'FEATURE_TYPE',
      `the model's input "${input.name}" takes ${input.type}; images fill float32, float16 and uint8`,
      { where, remedy: 'Export the model with one of these types for its images.' },
    );
  }
  const given = (['rescale', 'mean', 'std'] as const).filter((key) => feature[key] !== undefined);
  if (given.length === 0) return;
  throw fault(
    where,
    `the model's input "${input.name}" takes uint8, the pixels as they are, and the job gives ${given.join(', ')}`,
    `Leave out ${given.join(', ')}: such a model normalizes by itself.`,
  );
}

function requireSource(feature: ImageFeature, sqlType: string, where: string): void {
  const { image, from } = feature;
  switch (sqlType) {
    case 'BLOB':
    case '"NULL"':
      if (from === undefined) return;
      throw fault(
        `${where}.from`,
        `"${image}" is BLOB, the images themselves, and the job says where they lie`,
        'Leave out from.',
      );
    case 'VARCHAR':
      if (from !== undefined) return;
      throw fault(
        where,
        `"${image}" is VARCHAR, which names images, and the job does not say where they may lie`,
        'Add from: a folder or s3://BUCKET/PREFIX; names are relative to it, or lie below it. Of base64, write from_base64(…).',
      );
    default:
      throw new ShardmillError(
        'FEATURE_TYPE',
        `"${image}" is ${sqlType}; images are BLOB (their bytes) or VARCHAR (where they lie)`,
        { where: `${where}.image`, remedy: remedyFor(feature, sqlType) },
      );
  }
}

function remedyFor({ image }: ImageFeature, sqlType: string): string {
  // As Hugging Face's datasets write them.
  if (/^STRUCT\(.*\bbytes BLOB\b/.test(sqlType)) return `Write image: '${image}.bytes'.`;
  if (/(\[\d*\])$/.test(sqlType)) {
    return 'Name one image, for example x[1]; pixels in a list are no image: write the expression alone.';
  }
  return 'Name the column that has the images.';
}

/** The size that images have in the end. */
function sizeOf(input: TensorInfo, feature: ImageFeature, where: string): Size {
  const { resize, crop } = feature;
  const fixed = modelSize(input, feature);
  const cropped = crop === undefined ? undefined : pair(crop);
  const resized = Array.isArray(resize) ? pair(resize) : undefined;
  // The longer edge is longer.
  const atLeast = typeof resize === 'number' ? pair(resize) : resized;
  const tooLarge =
    cropped !== undefined &&
    resized !== undefined &&
    (cropped.height > resized.height || cropped.width > resized.width);
  const square = typeof resize === 'number' && cropped !== undefined && atLeast !== undefined;
  if (
    tooLarge ||
    (square && Math.min(cropped.height, cropped.width) > Math.min(atLeast.height, atLeast.width))
  ) {
    throw fault(
      `${where}.crop`,
      `the crop of ${text(cropped)} is larger than what resize leaves, ${typeof resize === 'number' ? `${resize} at the shorter edge` : text(resized ?? cropped)}`,
      'Raise resize, or lower crop.',
    );
  }
  const size = cropped ?? resized;
  if (size !== undefined) return size;
  if (fixed !== undefined && resize === undefined) return fixed;
  const example = fixed === undefined ? '224' : sizeArgument(fixed);
  throw fault(
    where,
    resize === undefined
      ? `images differ in size, and the model's input "${input.name}" (${shapeText(input)}) fixes none`
      : `with resize: ${String(resize)} alone images differ in their longer edge`,
    `Add crop: ${example}, or give both edges: resize: [height, width].`,
  );
}

function modelSize(input: TensorInfo, feature: ImageFeature): Size | undefined {
  const [, , height, width] = alignedShape(input, feature);
  return isFixed(height) && isFixed(width) ? { height, width } : undefined;
}

/** The dimensions as [N, C, H, W], whatever the layout; a gray image may leave out C. */
function alignedShape(
  { shape }: TensorInfo,
  { layout, channels }: Pick<ImageFeature, 'layout' | 'channels'>,
): (number | string | undefined)[] {
  if (shape.length === 3 && channels === 'L') return [shape[0], 1, shape[1], shape[2]];
  return layout === 'NCHW' ? [...shape] : [shape[0], shape[3], shape[1], shape[2]];
}

/** Dimensions after the batch. @throws FEATURE_COUNT */
function shapeOf(input: TensorInfo, feature: ImageFeature, wanted: Size, where: string): number[] {
  const count = feature.channels === 'L' ? 1 : 3;
  const flat = input.shape.length === 3 && feature.channels === 'L';
  if (input.shape.length !== 4 && !flat) {
    throw countFault(input, where, `an image is [N, ${layoutText(feature.layout)}]`, undefined);
  }
  const [, channels, height, width] = alignedShape(input, feature);
  if (!fits(channels, count)) {
    const other = alignedShape(input, {
      layout: feature.layout === 'NCHW' ? 'NHWC' : 'NCHW',
      channels: feature.channels,
    });
    throw countFault(
      input,
      where,
      `${feature.channels} in ${feature.layout} has ${count} in the place of ${String(channels)}`,
      fits(other[1], count)
        ? `Write layout: '${feature.layout === 'NCHW' ? 'NHWC' : 'NCHW'}'.`
        : channels === 1
          ? "Write channels: 'L'."
          : channels === 3
            ? "Write channels: 'RGB'."
            : undefined,
    );
  }
  if (!fits(height, wanted.height) || !fits(width, wanted.width)) {
    const known = modelSize(input, feature);
    throw countFault(
      input,
      where,
      `the images have ${text(wanted)}`,
      known === undefined
        ? undefined
        : `Write ${feature.crop === undefined ? 'resize' : 'crop'}: ${sizeArgument(known)}.`,
    );
  }
  if (flat) return [wanted.height, wanted.width];
  return feature.layout === 'NCHW'
    ? [count, wanted.height, wanted.width]
    : [wanted.height, wanted.width, count];
}

function countFault(
  input: TensorInfo,
  where: string,
  seen: string,
  remedy: string | undefined,
): ShardmillError {
  return new ShardmillError(
    'FEATURE_COUNT',
    `the model's input "${input.name}" has the shape ${shapeText(input)}: ${seen}`,
    { where, remedy },
  );
}

function boundImage(
  input: TensorInfo,
  feature: ImageFeature,
  size: Size,
  where: string,
): BoundImage {
  const { resize, crop, from, background } = feature;
  const { mean, std } = normalization(feature, where);
  return {
    from: from ?? null,
    resize: resize === undefined ? null : typeof resize === 'number' ? resize : pair(resize),
    crop: crop === undefined ? null : size,
    ...size,
    interpolation: feature.interpolation,
    channels: feature.channels,
    layout: feature.layout,
    rescale: feature.rescale ?? (input.type === 'uint8' ? 1 : 1 / 255),
    mean,
    std,
    orientation: feature.orientation,
    background: background ?? null,
    maxPixels: feature.maxPixels,
    maxBytes: parseBytes(feature.maxBytes, 0),
  };
}

type PerChannel = BoundImage['mean'];

function normalization(
  { mean, std, channels }: ImageFeature,
  where: string,
): { readonly mean: PerChannel; readonly std: PerChannel } {
  const count = channels === 'L' ? 1 : 3;
  const spread = (key: 'mean' | 'std', value: typeof mean, missing: number): PerChannel => {
    const values = value === undefined ? [missing] : Array.isArray(value) ? value : [value];
    if (values.length !== 1 && values.length !== count) {
      throw fault(
        `${where}.${key}`,
        `${key} has ${values.length} numbers, and ${channels} has ${count === 1 ? 'one channel' : 'three channels'}`,
        `Give one number, or ${count === 1 ? "channels: 'RGB'" : `three, in the order of ${channels}`}.`,
      );
    }
    const [first = missing, second = first, third = second] = values;
    return [first, second, third];
  };
  const bound = { mean: spread('mean', mean, 0), std: spread('std', std, 1) };
  if (bound.std.includes(0)) {
    throw fault(
      `${where}.std`,
      'std has a zero, by which would be divided',
      'Leave std out, or give 1.',
    );
  }
  return bound;
}

const pair = (size: number | readonly [number, number]): Size =>
  typeof size === 'number' ? { height: size, width: size } : { height: size[0], width: size[1] };

const isFixed = (dim: number | string | undefined): dim is number =>
  typeof dim === 'number' && dim > 0;
const fits = (dim: number | string | undefined, wanted: number): boolean =>
  !isFixed(dim) || dim === wanted;
const text = ({ height, width }: Size): string => `${height} x ${width} (height x width)`;
const sizeArgument = ({ height, width }: Size): string =>
  height === width ? String(height) : `[${height}, ${width}]`;
const layoutText = (layout: ImageFeature['layout']): string =>
  layout === 'NCHW' ? 'C, H, W' : 'H, W, C';
