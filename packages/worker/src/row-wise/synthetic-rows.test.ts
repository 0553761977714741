import type { BoundFeature, TensorType } from '@shardmill/core';
import { expect, it } from 'vitest';
import { toHalf } from '../onnx/float16.js';
import { feature } from '../testing/views.js';
import { syntheticRows } from './synthetic-rows.js';

const tokens = (which: 'ids' | 'mask' | 'types', type: TensorType): BoundFeature => ({
  ...feature(type, 'tokens', 4),
  tokens: which,
});

it('made-up tokens have the largest id first, a mask of ones in its type, and one text', () => {
  const features = [tokens('ids', 'int64'), tokens('mask', 'float16'), tokens('types', 'int32')];
  const [ids, mask, types] = syntheticRows(features, 2, { length: 2, maxId: 30_521 });
  expect([ids?.data[0], ids?.data[2]]).toEqual([30_521n, 30_521n]);
  expect(mask?.data).toEqual(new Uint16Array(4).fill(toHalf(1)));
  expect(types?.data).toEqual(new Int32Array(4));
  expect(ids?.rowShape).toEqual([2]);
});
