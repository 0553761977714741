import type { TensorInfo } from '@shardmill/core';

/** `[N, 30]`; `N` for the batch, the model's own names for other open dimensions. */
export function shapeText(tensor: Pick<TensorInfo, 'shape'>): string {
  if (tensor.shape.length === 0) return '[?]';
  const dims = tensor.shape.map((dim, index) => {
    if (index === 0) return typeof dim === 'number' && dim >= 0 ? String(dim) : 'N';
    return dim === '' ? '?' : String(dim);
  });
  return `[${dims.join(', ')}]`;
}
