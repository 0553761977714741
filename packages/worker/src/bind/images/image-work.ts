import type { BoundFeature, ModelWork } from '@shardmill/core';

/** Decoding and resizing a photo takes some 6 ms of a core: as long as so many multiply-adds. */
const MULTIPLY_ADDS_PER_IMAGE = 2 ** 28;

/** The work for a row whose images are decoded before the model is called; a power of two. */
export function withImages(work: ModelWork, features: readonly BoundFeature[]): ModelWork {
  const images = features.filter(({ layout }) => layout === 'image').length;
  if (images === 0) return work;
  const sum = work.multiplyAdds + images * MULTIPLY_ADDS_PER_IMAGE;
  return { ...work, multiplyAdds: 2 ** Math.round(Math.log2(sum)) };
}
