import type { TensorInfo } from '@shardmill/core';

/** The rows of every call, where the model fixes its batch dimension. */
export function fixedBatch(inputs: readonly Pick<TensorInfo, 'shape'>[]): number | undefined {
  for (const { shape } of inputs) {
    const [batch] = shape;
    if (typeof batch === 'number' && batch > 0) return batch;
  }
  return undefined;
}
