import { MAX_EXACT_VALUES, type NumberAgreement } from '@shardmill/core';
import { MAX_VALUES } from './counter-memory.js';
import { type CounterAddress, sharedKernel } from './number-kernel.js';

type Floats = Float32Array | Float64Array;

/** Adds the differences of two columns to an agreement, without a call for each row: the same as its `add` does. */
export class DifferenceCounter {
  readonly #kernel = sharedKernel();
  readonly #counter = this.#kernel.openDifferences();
  /** Values since the sums by exponent were taken. */
  #added = 0;
  /** Places of values of another type. */
  #copies: readonly [Float64Array, Float64Array] | undefined;

  constructor(readonly agreement: NumberAgreement) {
    abandoned.register(this, this.#counter, this);
  }

  /** The first `count` values of both. */
  add(champion: Floats, challenger: Floats, count: number): void {
    for (let done = 0; done < count; done += MAX_VALUES) {
      const end = Math.min(count, done + MAX_VALUES);
      this.#add(champion.subarray(done, end), challenger.subarray(done, end));
    }
  }

  /** Nothing can be added afterwards. */
  finish(): void {
    this.#take();
    this.#kernel.release(this.#counter);
    abandoned.unregister(this);
  }

  #add(champion: Floats, challenger: Floats): void {
    const count = champion.length;
    if (this.#added + count > MAX_EXACT_VALUES) this.#take();
    this.#added += count;
    let [a, b] = [champion, challenger];
    if (a instanceof Float32Array !== b instanceof Float32Array) {
      this.#copies ??= [new Float64Array(MAX_VALUES), new Float64Array(MAX_VALUES)];
      [a, b] = this.#copies;
      a.set(champion);
      b.set(challenger);
    }
    const rare = this.#kernel.compare(this.#counter, a, b, count);
    for (const difference of rare) this.agreement.addDifference(difference);
  }

  #take(): void {
    const counted = this.#kernel.takeDifferences(this.#counter);
    this.agreement.addCounted(counted);
    this.#added = 0;
  }
}

/** Counters of parts that failed before they were finished. */
const abandoned = new FinalizationRegistry<CounterAddress>((counter) => {
  sharedKernel().release(counter);
});
