import type { BoundFeature, Feature, ShardmillError, TensorInfo } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import { describe, expect, it } from 'vitest';
import { bindFeatures } from '../features/bind-features.js';

type Options = Readonly<Record<string, unknown>>;
const NCHW = ['N', 3, 224, 224];

/** A feature as it is written in a job. */
function parsed(options: Options): Readonly<Record<string, Feature>> {
  const rest = { name: 'j', input: { uri: 'a' }, model: { uri: 'm' } };
  const features = { x: { image: 'photo', ...options } };
  return parseJob({ ...rest, features, output: { uri: 'o', columns: { a: 'b' } } }, 'job').features;
}

async function bind(
  options: Options,
  shape: TensorInfo['shape'] = NCHW,
  sqlType = 'BLOB',
  type: TensorInfo['type'] = 'float32',
): Promise<BoundFeature | undefined> {
  const [bound] = await bindFeatures(
    parsed(options),
    [{ name: 'x', type, shape }],
    [],
    async () => [sqlType],
  );
  return bound;
}

async function refusal(...of: Parameters<typeof bind>): Promise<string> {
  const error = await bind(...of).then(
    () => undefined,
    (thrown: ShardmillError) => thrown,
  );
  return error === undefined ? 'it is bound' : `${error.code} ${error.message} | ${error.remedy}`;
}

describe('a feature of images', () => {
  it.each([
    [{ resize: 256, crop: 224 }, NCHW, [3, 224, 224]],
    [{ resize: 256, crop: 224 }, ['N', 3, 'H', 'W'], [3, 224, 224]],
    [{ resize: [32, 48], layout: 'NHWC' }, ['N', -1, -1, 3], [32, 48, 3]],
    [{}, ['N', 3, 32, 48], [3, 32, 48]],
    [{ crop: [24, 20], channels: 'L' }, ['N', 1, 24, 20], [1, 24, 20]],
    [{ channels: 'L' }, ['N', 24, 20], [24, 20]],
    [{ crop: 28 }, [4, 3, 28, 28], [3, 28, 28]],
  ])('%j fills %j', async (options, shape, rowShape) => {
    const bound = await bind(options, shape);
    expect(bound?.rowShape).toEqual(rowShape);
    expect(bound?.width).toBe(rowShape.reduce((product, dim) => product * dim, 1));
  });

  it('has its defaults in the plan', async () => {
    const bound = await bind({ resize: 256, crop: 224, mean: 0.5, std: [0.1, 0.2, 0.3] });
    expect(bound).toMatchObject({
      layout: 'image',
      columns: [{ label: 'photo', sql: '(photo\n)' }],
      image: {
        from: null,
        resize: 256,
        crop: { height: 224, width: 224 },
        interpolation: 'bilinear',
        rescale: 1 / 255,
        mean: [0.5, 0.5, 0.5],
        std: [0.1, 0.2, 0.3],
        orientation: 'exif',
        maxBytes: 16 * 2 ** 20,
      },
    });
    const bytes = await bind({ crop: 224 }, NCHW, 'BLOB', 'uint8');
    expect(bytes?.image).toMatchObject({ rescale: 1, mean: [0, 0, 0], std: [1, 1, 1] });
  });

  it.each<[string, Parameters<typeof bind>, RegExp]>([
    [
      'a column of numbers',
      [{ crop: 224 }, NCHW, 'INTEGER'],
      /^FEATURE_TYPE "photo" is INTEGER; images are BLOB/,
    ],
    [
      'a struct that has the bytes',
      [{ crop: 224 }, NCHW, 'STRUCT(bytes BLOB, path VARCHAR)'],
      /^FEATURE_TYPE .*Write image: 'photo.bytes'/,
    ],
    [
      'a list of images',
      [{ crop: 224 }, NCHW, 'BLOB[]'],
      /^FEATURE_TYPE .*Name one image, for example x\[1\]/,
    ],
    [
      'names without a place',
      [{ crop: 224 }, NCHW, 'VARCHAR'],
      /^FEATURE_IMAGE .*does not say where they may lie \| Add from: /,
    ],
    [
      'a place for bytes',
      [{ crop: 224, from: '/photos' }],
      /^FEATURE_IMAGE .*the images themselves, .* \| Leave out from/,
    ],
    [
      'an input of whole numbers',
      [{ crop: 224 }, NCHW, 'BLOB', 'int64'],
      /^FEATURE_TYPE .*takes int64; images fill float32/,
    ],
    [
      'an input of rank 2',
      [{ crop: 224 }, ['N', 3]],
      /^FEATURE_COUNT .*an image is \[N, C, H, W\]/,
    ],
    [
      'the other layout',
      [{ crop: 224 }, ['N', 224, 224, 3]],
      /^FEATURE_COUNT .*\| Write layout: 'NHWC'/,
    ],
    [
      'the other layout, the other way',
      [{ crop: 224, layout: 'NHWC' }],
      /^FEATURE_COUNT .*\| Write layout: 'NCHW'/,
    ],
    [
      'colours for a gray model',
      [{ crop: 28 }, ['N', 1, 28, 28]],
      /^FEATURE_COUNT .*\| Write channels: 'L'/,
    ],
    [
      'gray for a model of colours',
      [{ crop: 28, channels: 'L' }, ['N', 3, 28, 28]],
      /^FEATURE_COUNT .*\| Write channels: 'RGB'/,
    ],
    [
      'another size than the model',
      [{ resize: 256, crop: 200 }],
      /^FEATURE_COUNT .*the images have 200 x 200 .*\| Write crop: 224/,
    ],
    [
      'another size of both edges',
      [{ resize: [200, 200] }],
      /^FEATURE_COUNT .*\| Write resize: 224/,
    ],
    [
      'no size at all',
      [{}, ['N', 3, 'H', 'W']],
      /^FEATURE_IMAGE images differ in size, .* \| Add crop: 224/,
    ],
    [
      'one edge alone',
      [{ resize: 256 }],
      /^FEATURE_IMAGE with resize: 256 alone .* \| Add crop: 224/,
    ],
    [
      'a crop larger than what is left',
      [{ resize: 200, crop: 224 }],
      /^FEATURE_IMAGE the crop of 224 x 224 .* is larger/,
    ],
    [
      'a crop larger in one direction',
      [{ resize: [256, 200], crop: 224 }],
      /^FEATURE_IMAGE the crop of 224 x 224/,
    ],
    [
      'two means',
      [{ crop: 224, mean: [0.5, 0.5] }],
      /^FEATURE_IMAGE mean has 2 numbers, and RGB has three/,
    ],
    [
      'three means for gray',
      [{ channels: 'L', crop: 28, mean: [1, 2, 3] }, ['N', 1, 28, 28]],
      /^FEATURE_IMAGE mean has 3 numbers, and L has one/,
    ],
    ['a spread of zero', [{ crop: 224, std: 0 }], /^FEATURE_IMAGE std has a zero/],
    [
      'a mean for pixels as they are',
      [{ crop: 224, mean: 0.5 }, NCHW, 'BLOB', 'uint8'],
      /^FEATURE_IMAGE .*takes uint8, .* the job gives mean \| Leave out mean/,
    ],
  ])('is refused with %s', async (_, of, expected) => {
    expect(await refusal(...of)).toMatch(expected);
  });

  it('is proposed where a model that may take images has none', async () => {
    const typesOf = async (): Promise<string[]> => ['BLOB'];
    const input = { name: 'x', type: 'float32', shape: NCHW } as const;
    await expect(bindFeatures({}, [input], [], typesOf)).rejects.toMatchObject({
      code: 'FEATURE_MISSING',
      remedy: expect.stringContaining("{ image: 'COLUMN', crop: 224 }"),
    });
    await expect(bindFeatures({ x: 'photo' }, [input], [], typesOf)).rejects.toMatchObject({
      code: 'FEATURE_TYPE',
      remedy: expect.stringContaining("{ image: 'x', crop: 224 }"),
    });
  });
});
