import type { BoundFeature, Scoring } from '@shardmill/core';
import { modelBytes } from '../model/model-bytes.js';

/**
 * A model of more bytes is taken for dear until a call of it was timed: a weight is a multiplication
 * per row, or a node of a tree, and some ten thousand of them are more than `limitUs` allows.
 */
const MOST_BYTES = 64 * 2 ** 10;

/**
 * Microseconds per row from which on nothing is gained: two passes take a hundredth of it. They
 * share a part among the lanes, so that each part is done sooner, and lost sooner.
 */
export const MOST_US = 100;

/** How dear the model is, as far as its size and its calls tell. */
export class CallCost {
  #bestUs: number | undefined;

  constructor(readonly scoring: Pick<Scoring, 'features' | 'model'>) {}

  /** @param usPerRow what the calls of a part cost at best */
  record(usPerRow: number | undefined): void {
    if (usPerRow === undefined) return;
    this.#bestUs = Math.min(this.#bestUs ?? Infinity, usPerRow);
  }

  /** Whether any part is one for two passes. */
  get tooDear(): boolean {
    return (this.#bestUs ?? 0) > MOST_US;
  }

  /** Whether it is worth while to have all lanes work on a part. */
  get dear(): boolean {
    const { features, model } = this.scoring;
    return this.#bestUs === undefined
      ? modelBytes(model) > MOST_BYTES
      : this.#bestUs > limitUs(features);
  }
}

/**
 * Microseconds per row up to which one lane is as fast with a part in a single pass as several are
 * in two passes: a quarter of what those take on one thread, which is about 0.4 and 0.015 for each
 * feature (docs/benchmarks.md).
 */
export function limitUs(features: readonly BoundFeature[]): number {
  const values = features.reduce((sum, { width }) => sum + width, 0);
  return 0.1 + 0.004 * values;
}
