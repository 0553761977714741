import type { NumberState } from '@shardmill/core';
import { isValid } from '../duckdb/raw-vector.js';
import { NumberCounter } from '../number-kernel/number-counter.js';

/** Collects what is to be known of numbers as they go by. */
export class NumberCollector {
  readonly #counter = new NumberCounter();

  /** Values with their validity mask. */
  addColumn(values: Float64Array, validity: Uint8Array | null): void {
    if (validity === null) {
      this.addAll(values, 0, 1, values.length);
      return;
    }
    const known = values.filter((_, row) => isValid(validity, row));
    this.#counter.addNulls(values.length - known.length);
    this.addAll(known, 0, 1, known.length);
  }

  /** `count` values: those at `start`, `start + stride`, … of an array. */
  addAll(values: Float32Array | Float64Array, start: number, stride: number, count: number): void {
    this.#counter.addAll(values, start, stride, count);
  }

  addNulls(rows: number): void {
    this.#counter.addNulls(rows);
  }

  finish(): NumberState {
    return this.#counter.finish();
  }
}
