import { ExactSum, MAX_EXACT_VALUES, type NumberState } from '@shardmill/core';
import { MAX_VALUES } from './counter-memory.js';
import { type CounterAddress, sharedKernel } from './number-kernel.js';

/** Pieces of fewer values are collected first. */
const MIN_COUNTED_VALUES = 256;

/** What core's `NumberSketch` is, but for merging, many times as fast: the same state of the same numbers. */
export class NumberCounter {
  readonly #kernel = sharedKernel();
  readonly #counter = this.#kernel.open();
  readonly #sum = new ExactSum();
  readonly #squares = new ExactSum();
  #count = 0;
  #nulls = 0;
  /** Values since the sums by exponent were taken. */
  #added = 0;
  #small: Float64Array | undefined;
  #smallCount = 0;

  constructor() {
    abandoned.register(this, this.#counter, this);
  }

  addNulls(rows: number): void {
    this.#count += rows;
    this.#nulls += rows;
  }

  /** `count` values: those at `start`, `start + stride`, … of an array. */
  addAll(values: Float32Array | Float64Array, start: number, stride: number, count: number): void {
    this.#count += count;
    if (count < MIN_COUNTED_VALUES) {
      this.#collect(values, start, stride, count);
      return;
    }
    for (let done = 0; done < count; done += MAX_VALUES) {
      this.#add(values, start + done * stride, stride, Math.min(MAX_VALUES, count - done));
    }
  }

  /** What is known of the numbers. Nothing can be added afterwards. */
  finish(): NumberState {
    this.#addCollected();
    this.#takeSums();
    const { nan, infinite, min, max, squaresFinite, buckets, values, registers } =
      this.#kernel.take(this.#counter);
    abandoned.unregister(this);
    return {
      kind: 'number',
      count: this.#count,
      nulls: this.#nulls,
      nan,
      infinite,
      min: min === Infinity ? null : min,
      max: max === -Infinity ? null : max,
      sum: this.#sum.toText(),
      squares: squaresFinite ? this.#squares.toText() : null,
      buckets,
      values,
      registers: values === null ? registers : null,
    };
  }

  #collect(
    values: Float32Array | Float64Array,
    start: number,
    stride: number,
    count: number,
  ): void {
    if (this.#smallCount + count > MAX_VALUES) this.#addCollected();
    const small = (this.#small ??= new Float64Array(MAX_VALUES));
    for (let i = 0; i < count; i++) {
      small[this.#smallCount++] = values[start + i * stride] ?? Number.NaN;
    }
  }

  #addCollected(): void {
    if (this.#small !== undefined) this.#add(this.#small, 0, 1, this.#smallCount);
    this.#smallCount = 0;
  }

  #add(values: Float32Array | Float64Array, start: number, stride: number, count: number): void {
    if (this.#added + count > MAX_EXACT_VALUES) this.#takeSums();
    this.#added += count;
    const rare = this.#kernel.count(this.#counter, values, start, stride, count);
    if (rare === undefined) return;
    for (const value of rare.values) this.#sum.add(value);
    for (const square of rare.squares) this.#squares.add(square);
  }

  #takeSums(): void {
    const { sums, squares } = this.#kernel.takeSums(this.#counter);
    this.#sum.addSums(sums);
    this.#squares.addSums(squares);
    this.#added = 0;
  }
}

/** Counters of parts that failed before they were finished. */
const abandoned = new FinalizationRegistry<CounterAddress>((counter) => {
  sharedKernel().release(counter);
});
