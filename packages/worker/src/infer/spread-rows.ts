import { newTensorData } from '../onnx/tensor-types.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';

/**
 * The tensor with `total` rows, of which those at `positions` are its own, in their order; the
 * others, which were rejected, hold nothing of meaning.
 */
export function spreadRows(tensor: BatchTensor, positions: Int32Array, total: number): BatchTensor {
  const { width } = tensor;
  const data = newTensorData(tensor.type, total * width);
  for (let row = 0; row < positions.length; row++) {
    const position = positions[row] ?? 0;
    for (let i = 0; i < width; i++) {
      const value = tensor.data[row * width + i];
      if (value !== undefined) data[position * width + i] = value;
    }
  }
  return { ...tensor, data };
}
