import type { BoundFeature, Scoring } from '@shardmill/core';
import { runModelBytes } from '../model/model-bytes.js';

/**
 * A model of more bytes counts as expensive until a call of it was timed: a weight is a
 * multiplication per row, or a node of a tree, and some ten thousand of them are more than
 * `limitUs` allows.
 */
const MIN_EXPENSIVE_BYTES = 64 * 2 ** 10;
/** With many features more is allowed: some twenty thousand float32 weights take a microsecond in a batch. */
const BYTES_PER_US = 80_000;

/**
 * Above this, nothing is gained: the overhead of two passes is a hundredth of it. They share a part
 * among the lanes, so that each part is done sooner, and less of it is lost in a crash.
 */
export const MAX_US_PER_ROW = 100;

/** How expensive the models of a run are, its challengers' included, as far as their sizes and calls show. */
export class CallCost {
  #bestUs: number | undefined;

  constructor(readonly scoring: Pick<Scoring, 'features' | 'model' | 'challengers'>) {}

  /** @param usPerRow what the calls of a part cost at best */
  record(usPerRow: number | undefined): void {
    if (usPerRow === undefined) return;
    this.#bestUs = Math.min(this.#bestUs ?? Infinity, usPerRow);
  }

  /** Whether every part is to be written in two passes. */
  get tooExpensive(): boolean {
    return (this.#bestUs ?? 0) > MAX_US_PER_ROW;
  }

  /** Whether it is worth while to have all lanes work on a part. */
  get expensive(): boolean {
    const { features } = this.scoring;
    return this.#bestUs === undefined
      ? runModelBytes(this.scoring) >
          Math.max(MIN_EXPENSIVE_BYTES, BYTES_PER_US * limitUs(features))
      : this.#bestUs > limitUs(features);
  }
}

/**
 * Microseconds per row up to which one lane is as fast with a part in a single pass as several are
 * in two passes: a quarter of what those take on one thread, which is about 0.4 and 0.015 for each
 * feature (docs/performance.md).
 */
export function limitUs(features: readonly BoundFeature[]): number {
  const values = features.reduce((sum, { width }) => sum + width, 0);
  return 0.1 + 0.004 * values;
}
