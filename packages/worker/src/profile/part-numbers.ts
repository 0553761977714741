import type { PartColumn } from './part-profile.js';
import { NumberCounter } from '../number-kernel/number-counter.js';

/** Numbers of a column that are kept as they are: more are counted. */
export const MAX_KEPT = 4096;
const FIRST_KEPT = 512;

/**
 * The numbers of a column of one part: they themselves, as long as they are few. A sketch of 2,000 numbers takes more time to
 * write down and to merge than to count them, and a sample of a part has no more.
 */
export class PartNumbers {
  /** Floats as long as there are no others: to copy those takes a tenth of the time. */
  #kept: Float32Array | Float64Array = new Float32Array(FIRST_KEPT);
  #length = 0;
  #nulls = 0;
  /** Undefined as long as all are kept. */
  #counter: NumberCounter | undefined;

  addNulls(rows: number): void {
    this.#nulls += rows;
  }

  /** Those from `from` up to the one before `to`. */
  add(values: Float32Array | Float64Array, from: number, to: number): void {
    const length = this.#length + to - from;
    if (this.#counter === undefined && length > MAX_KEPT) {
      this.#counter = new NumberCounter();
      this.#counter.addAll(this.#kept, 0, 1, this.#length);
    }
    if (this.#counter !== undefined) {
      this.#counter.addAll(values, from, 1, to - from);
      return;
    }
    this.#makeRoom(length, values instanceof Float32Array);
    this.#kept.set(values.subarray(from, to), this.#length);
    this.#length = length;
  }

  #makeRoom(length: number, floats: boolean): void {
    const kept = this.#kept;
    const widens = kept instanceof Float32Array && !floats;
    if (length <= kept.length && !widens) return;
    const size = Math.max(length, 2 * kept.length);
    const grown =
      kept instanceof Float32Array && !widens ? new Float32Array(size) : new Float64Array(size);
    grown.set(kept.subarray(0, this.#length));
    this.#kept = grown;
  }

  /** Nothing can be added afterwards. */
  finish(): PartColumn {
    if (this.#counter === undefined) {
      return { numbers: this.#kept.slice(0, this.#length), nulls: this.#nulls };
    }
    this.#counter.addNulls(this.#nulls);
    return { state: this.#counter.finish() };
  }
}
