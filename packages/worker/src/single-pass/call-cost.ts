import type { BoundFeature, Scoring } from '@shardmill/core';

/**
 * A model of more bytes is not worth a try: a weight is a multiplication per row, or a node of a
 * tree, and some ten thousand of them are more than `limitUs` allows.
 */
const MOST_BYTES = 64 * 2 ** 10;

/** Whether the model is dear by its size alone. */
export function seemsDear({ bytes, externalData }: Scoring['model']): boolean {
  return bytes + externalData.reduce((sum, file) => sum + file.bytes, 0) > MOST_BYTES;
}

/**
 * What a row costs in the model, by the calls that are made: the fastest counts, since others were
 * disturbed.
 */
export class CallCost {
  readonly #limitUs: number;
  #bestUs = Infinity;
  #calls = 0;

  constructor(features: readonly BoundFeature[]) {
    this.#limitUs = limitUs(features);
  }

  record(rows: number, milliseconds: number): void {
    this.#calls++;
    // A call has a cost of its own: one of few rows may take as long as one of some more.
    const us = (milliseconds * 1000) / Math.max(rows, LEAST_ROWS);
    this.#bestUs = Math.min(this.#bestUs, us);
  }

  /** Rows to try first, before those of a whole chunk: a dear model would take long for them. */
  get firstTries(): readonly number[] {
    return this.#calls === 0 ? FIRST_TRIES : [];
  }

  /** After some calls; after the first where there is no doubt. */
  get tooDear(): boolean {
    if (this.#calls === 0) return false;
    return this.#bestUs > this.#limitUs * (this.#calls < CALLS ? NO_DOUBT : 1);
  }
}

const LEAST_ROWS = 1024;
const FIRST_TRIES = [1, 16, 128];
/** More than the first tries, which find nothing in the caches. */
const CALLS = 6;
const NO_DOUBT = 50;

/**
 * Microseconds per row up to which the single pass is the faster way: a quarter of what the two
 * passes take on one thread, which is about 0.4 and 0.015 for each feature (docs/benchmarks.md).
 * The model then adds to the one thread on which packing is done, too, less than is saved there.
 */
export function limitUs(features: readonly BoundFeature[]): number {
  const values = features.reduce((sum, { width }) => sum + width, 0);
  return 0.1 + 0.004 * values;
}
