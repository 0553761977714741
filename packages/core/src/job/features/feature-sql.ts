import { isImageFeature } from './image-feature.js';
import type { Feature } from '../job-schema.js';
import type { TokenizedText } from './tokenized-text-schema.js';

/** Whether a feature is made of the tokens of a text. */
export function isTokenized(feature: Feature): feature is TokenizedText {
  return typeof feature === 'object' && 'tokenize' in feature;
}

/** The SQL expressions of a feature, in their order. */
export function featureSql(feature: Feature): readonly string[] {
  if (typeof feature === 'string') return [feature];
  if (Array.isArray(feature)) return feature;
  if (isTokenized(feature)) return [feature.tokenize].flat();
  if (isImageFeature(feature)) return [feature.image];
  return [feature.sql].flat();
}
