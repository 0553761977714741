import type { TensorInfo } from '@shardmill/core';

/** Whether an input of the model has the rank of images, [N, C, H, W] or [N, H, W, C]. */
export const mayBeImages = ({ shape, type }: TensorInfo): boolean =>
  shape.length === 4 && (type === 'float32' || type === 'float16' || type === 'uint8');
