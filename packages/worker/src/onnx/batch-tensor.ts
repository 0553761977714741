import type { TensorType } from '@shardmill/core';
import type { TensorData } from './tensor-types.js';

/** A tensor of `rows` rows of `width` elements, row-major. */
export interface BatchTensor {
  readonly name: string;
  readonly type: TensorType;
  /** Dimensions after the batch. */
  readonly rowShape: readonly number[];
  readonly width: number;
  readonly data: TensorData;
}
