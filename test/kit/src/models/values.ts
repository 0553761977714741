import type { ElementType, TensorValueSpec } from '../onnx-types.js';

/** The usual input: `features`, float32 [N, width]. */
export function featuresInput(width: number): TensorValueSpec {
  return column('features', 'float32', width);
}

/** The usual output: `score`, float32 [N, 1]. */
export function scoreOutput(): TensorValueSpec {
  return column('score', 'float32', 1);
}

/** A value of shape [N, width], N being the number of rows in the batch. */
export function column(name: string, type: ElementType, width: number): TensorValueSpec {
  return { name, type, shape: ['N', width] };
}
