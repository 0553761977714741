import { LogHistogram } from '../statistics/log-histogram.js';
import { bucketsToText, readBuckets } from './bucket-text.js';
import { ExactSum } from './exact-sum.js';
import { hashNumber } from './hash-value.js';
import type { NumberState } from './profile-state-schema.js';
import { ValueCounts } from './value-counts.js';

/** Larger ones have squares that are no finite doubles. */
const MAX_SQUARED = 1e154;

/** So many different numbers are counted each by itself. */
export const MAX_NUMBERS = 200;

/**
 * What is known of the numbers of a column. Nothing in it depends on the order of the numbers, or on
 * how they were divided among sketches that were merged.
 */
export class NumberSketch {
  #count = 0;
  #nulls = 0;
  #nan = 0;
  #infinite = 0;
  #min = Infinity;
  #max = -Infinity;
  #squaresFinite = true;
  readonly #sum = new ExactSum();
  readonly #squares = new ExactSum();
  readonly #histogram = new LogHistogram();
  readonly #values = new ValueCounts<number>(MAX_NUMBERS, hashNumber);

  addNulls(rows: number): void {
    this.#count += rows;
    this.#nulls += rows;
  }

  /** `count` values: those at `start`, `start + stride`, … of an array. */
  addAll(values: Float32Array | Float64Array, start: number, stride: number, count: number): void {
    const end = start + count * stride;
    let [min, max] = [this.#min, this.#max];
    for (let at = start; at < end; at += stride) {
      // Adding zero makes -0 the same as 0.
      const value = (values[at] ?? Number.NaN) + 0;
      if (Number.isFinite(value)) {
        if (value < min) min = value;
        if (value > max) max = value;
        this.#sum.add(value);
        if (Math.abs(value) < MAX_SQUARED) this.#squares.add(value * value);
        else this.#squaresFinite = false;
        this.#values.add(value, 1);
      } else if (Number.isNaN(value)) this.#nan++;
      else this.#infinite++;
    }
    this.#min = min;
    this.#max = max;
    this.#count += count;
    this.#histogram.addAll(values, start, stride, count);
  }

  merge(state: NumberState): void {
    this.#count += state.count;
    this.#nulls += state.nulls;
    this.#nan += state.nan;
    this.#infinite += state.infinite;
    this.#min = Math.min(this.#min, state.min ?? Infinity);
    this.#max = Math.max(this.#max, state.max ?? -Infinity);
    this.#sum.merge(state.sum);
    if (state.squares === null) this.#squaresFinite = false;
    else this.#squares.merge(state.squares);
    readBuckets(state.buckets, (bucket, count) => this.#histogram.addToBucket(bucket, count));
    this.#values.merge(state);
  }

  toState(): NumberState {
    return {
      kind: 'number',
      count: this.#count,
      nulls: this.#nulls,
      nan: this.#nan,
      infinite: this.#infinite,
      min: this.#min === Infinity ? null : this.#min,
      max: this.#max === -Infinity ? null : this.#max,
      sum: this.#sum.toText(),
      squares: this.#squaresFinite ? this.#squares.toText() : null,
      buckets: bucketsToText(this.#histogram.filled()),
      ...this.#values.toStored(),
    };
  }
}
