import type { BoundFeature } from '@shardmill/core';
import { elementBytes } from './tensor-types.js';

/** Bytes per row that the features take in a batch. */
export function featureRowBytes(features: readonly BoundFeature[]): number {
  return features.reduce((sum, f) => sum + f.width * elementBytes(f.type), 0);
}
