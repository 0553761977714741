import { LogHistogram, type OutputStatistics } from '@shardmill/core';
import { isValid } from '../duckdb/raw-vector.js';

/** What is known of the numbers in one output column of one part. */
export interface Numbers {
  readonly nulls: number;
  readonly summary: NonNullable<OutputStatistics['numeric']>;
}

/** Collects counts, bounds, sum and histogram of numbers as they go by. */
export class NumberCollector {
  #histogram = new LogHistogram();
  #nulls = 0;
  #nan = 0;
  #infinite = 0;
  #min = Infinity;
  #max = -Infinity;
  #sum = 0;

  addAll(values: Float64Array, validity: Uint8Array | null): void {
    for (let row = 0; row < values.length; row++) {
      if (validity !== null && !isValid(validity, row)) this.#nulls++;
      else this.add(values[row] ?? 0);
    }
  }

  add(value: number): void {
    if (Number.isFinite(value)) {
      this.#sum += value;
      if (value < this.#min) this.#min = value;
      if (value > this.#max) this.#max = value;
      this.#histogram.add(value, 1);
    } else if (Number.isNaN(value)) this.#nan++;
    else this.#infinite++;
  }

  finish(): Numbers {
    return {
      nulls: this.#nulls,
      summary: {
        nan: this.#nan,
        infinite: this.#infinite,
        min: this.#min === Infinity ? null : this.#min,
        max: this.#max === -Infinity ? null : this.#max,
        sum: this.#sum,
        histogram: this.#histogram.toBuckets(),
      },
    };
  }
}
