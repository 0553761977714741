import type { BoundFeature, Stores } from '@shardmill/core';
import { ImageLoader } from './image-loader.js';

/**
 * What loads the images of a run; undefined where it has none: then the library is not loaded.
 * @param decoders images that are decoded at once.
 * @throws IMAGE_LIBRARY_MISSING
 */
export async function openImages(
  features: readonly BoundFeature[],
  stores: Pick<Stores, 'objectAt'>,
  decoders: number,
): Promise<ImageLoader | undefined> {
  if (!features.some(({ layout }) => layout === 'image')) return undefined;
  const { loadSharp } = await import('./load-sharp.js');
  return new ImageLoader(await loadSharp(), stores, decoders);
}
