import { finiteSum, LogHistogram, type OutputStatistics } from '@shardmill/core';
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
  /** What additions to the sum have lost so far: so their order does not change the result. */
  #lost = 0;

  /** Values with their validity mask. */
  addColumn(values: Float64Array, validity: Uint8Array | null): void {
    if (validity === null) {
      this.addAll(values, 0, 1, values.length);
      return;
    }
    for (let row = 0; row < values.length; row++) {
      if (isValid(validity, row)) this.add(values[row] ?? 0);
      else this.#nulls++;
    }
  }

  /** `count` values: those at `start`, `start + stride`, … of an array. */
  addAll(values: Float32Array | Float64Array, start: number, stride: number, count: number): void {
    let [sum, min, max, nan, infinite] = [0, this.#min, this.#max, 0, 0];
    const end = start + count * stride;
    for (let at = start; at < end; at += stride) {
      const value = values[at] ?? Number.NaN;
      if (Number.isFinite(value)) {
        sum += value;
        if (value < min) min = value;
        if (value > max) max = value;
      } else if (Number.isNaN(value)) nan++;
      else infinite++;
    }
    this.#addToSum(sum);
    this.#min = min;
    this.#max = max;
    this.#nan += nan;
    this.#infinite += infinite;
    this.#histogram.addAll(values, start, stride, count);
  }

  add(value: number): void {
    if (Number.isFinite(value)) {
      this.#addToSum(value);
      if (value < this.#min) this.#min = value;
      if (value > this.#max) this.#max = value;
      this.#histogram.add(value, 1);
    } else if (Number.isNaN(value)) this.#nan++;
    else this.#infinite++;
  }

  /** Neumaier's compensated summation. */
  #addToSum(value: number): void {
    const sum = this.#sum + value;
    if (Number.isFinite(sum)) {
      const [more, less] =
        Math.abs(this.#sum) >= Math.abs(value) ? [this.#sum, value] : [value, this.#sum];
      this.#lost += more - sum + less;
    }
    this.#sum = sum;
  }

  finish(): Numbers {
    return {
      nulls: this.#nulls,
      summary: {
        nan: this.#nan,
        infinite: this.#infinite,
        min: this.#min === Infinity ? null : this.#min,
        max: this.#max === -Infinity ? null : this.#max,
        sum: finiteSum(this.#sum + this.#lost),
        histogram: this.#histogram.toBuckets(),
      },
    };
  }
}
