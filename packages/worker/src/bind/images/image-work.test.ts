import type { BoundFeature, ModelWork } from '@shardmill/core';
import { expect, it } from 'vitest';
import { withImages } from './image-work.js';

const cheap: ModelWork = { multiplyAdds: 1024, activationBytes: 4096, basis: 'graph' };
const feature = (layout: BoundFeature['layout']): BoundFeature => ({
  input: 'x',
  type: 'float32',
  layout,
  width: 1,
  rowShape: [1],
  columns: [],
});

it('the work for a row counts the images that are decoded for it', () => {
  expect(withImages(cheap, [feature('list')])).toEqual(cheap);
  expect(withImages(cheap, [feature('image')])).toEqual({ ...cheap, multiplyAdds: 2 ** 28 });
  expect(withImages(cheap, [feature('image'), feature('image')]).multiplyAdds).toBe(2 ** 29);
  // Next to a large model, decoding is nothing.
  const large = { ...cheap, multiplyAdds: 2 ** 34 };
  expect(withImages(large, [feature('image')])).toEqual(large);
});
