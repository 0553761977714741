import { NumberSketch, type NumberState } from '@shardmill/core';
import { isValid } from '../duckdb/raw-vector.js';

/** Collects what is to be known of numbers as they go by. */
export class NumberCollector {
  readonly #sketch = new NumberSketch();

  /** Values with their validity mask. */
  addColumn(values: Float64Array, validity: Uint8Array | null): void {
    if (validity === null) {
      this.addAll(values, 0, 1, values.length);
      return;
    }
    const known = values.filter((_, row) => isValid(validity, row));
    this.#sketch.addNulls(values.length - known.length);
    this.addAll(known, 0, 1, known.length);
  }

  /** `count` values: those at `start`, `start + stride`, … of an array. */
  addAll(values: Float32Array | Float64Array, start: number, stride: number, count: number): void {
    this.#sketch.addAll(values, start, stride, count);
  }

  addNulls(rows: number): void {
    this.#sketch.addNulls(rows);
  }

  finish(): NumberState {
    return this.#sketch.toState();
  }
}
