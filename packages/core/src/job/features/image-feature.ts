import type { ImageFeature } from './image-feature-schema.js';

/** A feature with its templates filled in: what it runs is SQL, where it reads is none. */
export function fillImageFeature(
  feature: ImageFeature,
  where: string,
  fill: Record<'sql' | 'text', (value: string, where: string) => string>,
): ImageFeature {
  return {
    ...feature,
    image: fill.sql(feature.image, `${where}.image`),
    ...(feature.from !== undefined && { from: fill.text(feature.from, `${where}.from`) }),
  };
}

/** Whether a feature is one of images. */
export function isImageFeature<F>(feature: F): feature is Extract<F, ImageFeature> {
  return typeof feature === 'object' && feature !== null && 'image' in feature;
}

/** Where images of a job lie, as it names these places. */
export function imageLocations(features: Readonly<Record<string, unknown>>): string[] {
  return Object.values(features).flatMap((feature) =>
    typeof feature === 'object' &&
    feature !== null &&
    'from' in feature &&
    typeof feature.from === 'string'
      ? [feature.from]
      : [],
  );
}
