import { BLOCK_NUMBERS, FloatBlock } from '../statistics/float-block.js';
import { LogHistogram } from '../statistics/log-histogram.js';
import { bucketsToText, readBuckets } from './bucket-text.js';
import { ExactSum } from './exact-sum.js';
import { hashNumber } from './hash-value.js';
import type { NumberState } from './profile-state-schema.js';
import { ValueCounts } from './value-counts.js';

/** Larger ones have squares that are no finite doubles. */
export const MAX_SQUARED = 1e154;

/** Filled and used up within one call. */
const BLOCK = new FloatBlock();

/** So many different numbers are counted each by itself. */
export const MAX_NUMBERS = 200;

/**
 * What is known of the numbers of a column. Nothing in it depends on the order of the numbers, or on
 * how they were divided among sketches that were merged. The engine counts numbers by a kernel that computes the same
 * state (the worker's `number-kernel`); this merges them, and is what the kernel is held against.
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
    for (let done = 0; done < count; done += BLOCK_NUMBERS) {
      const some = Math.min(BLOCK_NUMBERS, count - done);
      this.#takeFinite(values, start + done * stride, stride, some);
      this.#sum.addBlock(BLOCK);
      this.#histogram.addBlock(BLOCK);
      this.#addValues();
      this.#addSquares();
    }
    this.#count += count;
  }

  /** Puts the finite ones of some values into the block, and counts the others. */
  #takeFinite(
    values: Float32Array | Float64Array,
    start: number,
    stride: number,
    count: number,
  ): void {
    const block = BLOCK.values;
    let [min, max, length] = [this.#min, this.#max, 0];
    for (let i = 0, at = start; i < count; i++, at += stride) {
      // Adding zero makes -0 the same as 0.
      const value = (values[at] ?? Number.NaN) + 0;
      if (value - value === 0) {
        if (value < min) min = value;
        if (value > max) max = value;
        block[length++] = value;
      } else if (Number.isNaN(value)) this.#nan++;
      else this.#infinite++;
    }
    this.#min = min;
    this.#max = max;
    BLOCK.length = length;
  }

  #addValues(): void {
    const { values, length } = BLOCK;
    let next = 0;
    while (next < length && this.#values.sketch === undefined) {
      this.#values.add(values[next++] ?? 0, 1);
    }
    this.#values.sketch?.addBlock(BLOCK, next);
  }

  /** Makes squares of the block's values. */
  #addSquares(): void {
    const { values, length } = BLOCK;
    let kept = 0;
    for (let i = 0; i < length; i++) {
      const value = values[i] ?? 0;
      if (Math.abs(value) < MAX_SQUARED) values[kept++] = value * value;
      else this.#squaresFinite = false;
    }
    BLOCK.length = kept;
    this.#squares.addBlock(BLOCK);
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
    this.#histogram.addFilled(readBuckets(state.buckets));
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
