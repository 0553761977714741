import type { TensorInfo } from '@shardmill/core';

/** Elements per row, or undefined where the model leaves them open. */
export function widthOf({ shape }: Pick<TensorInfo, 'shape'>): number | undefined {
  let width = 1;
  for (const dimension of shape.slice(1)) {
    if (typeof dimension === 'string' || dimension < 0) return undefined;
    width *= dimension;
  }
  return width;
}
