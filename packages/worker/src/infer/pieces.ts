import { ShardmillError } from '@shardmill/core';
import { newTensorData } from '../onnx/tensor-types.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';

/** Outputs of pieces, put together in the order of rows. */
export class Pieces {
  #whole: BatchTensor[] = [];

  constructor(readonly rows: number) {}

  put(from: number, size: number, outputs: BatchTensor[]): void {
    if (from === 0 && size === this.rows) {
      this.#whole = outputs;
      return;
    }
    if (this.#whole.length === 0) {
      this.#whole = outputs.map((o) => ({
        ...o,
        data: newTensorData(o.type, this.rows * o.width),
      }));
    }
    outputs.forEach((output, index) => {
      const target = this.#whole[index];
      if (target === undefined) return;
      if (target.width !== output.width) {
        throw new ShardmillError(
          'MODEL_OUTPUT_SHAPE',
          `output "${output.name}" has ${target.width} values per row in one batch and ${output.width} in another`,
        );
      }
      if (target.data instanceof Float32Array && output.data instanceof Float32Array) {
        target.data.set(output.data, from * output.width);
        return;
      }
      for (let i = 0; i < size * output.width; i++) {
        const value = output.data[i];
        if (value !== undefined) target.data[from * output.width + i] = value;
      }
    });
  }

  outputs(): BatchTensor[] {
    return this.#whole;
  }
}
