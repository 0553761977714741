import { ExactSum, InvariantError, MAX_EXACT_VALUES, type NumberState } from '@shardmill/core';
import { MAX_VALUES, MAX_WAITING } from './counter-memory.js';
import { type CounterAddress, type RareNumbers, sharedKernel } from './number-kernel.js';

/** Pieces of fewer values wait for more. */
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
  #waiting = 0;
  /** Its memory may be another counter's by now. */
  #finished = false;

  constructor() {
    abandoned.register(this, this.#counter, this);
  }

  addNulls(rows: number): void {
    this.#count += rows;
    this.#nulls += rows;
  }

  /** `count` values: those at `start`, `start + stride`, … of an array. */
  addAll(values: Float32Array | Float64Array, start: number, stride: number, count: number): void {
    this.#requireOpen();
    this.#count += count;
    if (count < MIN_COUNTED_VALUES) {
      if (this.#waiting + count > MAX_WAITING) this.#addWaiting();
      this.#kernel.wait(this.#counter, this.#waiting, values, start, stride, count);
      this.#waiting += count;
      return;
    }
    for (let done = 0; done < count; done += MAX_VALUES) {
      this.#add(values, start + done * stride, stride, Math.min(MAX_VALUES, count - done));
    }
  }

  /** What is known of the numbers. Nothing can be added afterwards. */
  finish(): NumberState {
    this.#requireOpen();
    this.#addWaiting();
    this.#takeSums();
    const { nan, infinite, min, max, squaresFinite, buckets, values, registers } =
      this.#kernel.take(this.#counter);
    this.#finished = true;
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

  #requireOpen(): void {
    if (this.#finished) throw new InvariantError('the counter has been finished');
  }

  #addWaiting(): void {
    this.#makeRoom(this.#waiting);
    this.#addRare(this.#kernel.countWaiting(this.#counter, this.#waiting));
    this.#waiting = 0;
  }

  #add(values: Float32Array | Float64Array, start: number, stride: number, count: number): void {
    this.#makeRoom(count);
    this.#addRare(this.#kernel.count(this.#counter, values, start, stride, count));
  }

  /** The kernel's sums hold so many values at most. */
  #makeRoom(count: number): void {
    if (this.#added + count > MAX_EXACT_VALUES) this.#takeSums();
    this.#added += count;
  }

  #addRare(rare: RareNumbers | undefined): void {
    for (const value of rare?.values ?? []) this.#sum.add(value);
    for (const square of rare?.squares ?? []) this.#squares.add(square);
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
