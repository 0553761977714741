import { encodeModel } from '../onnx-encode.js';
import type { InitializerSpec, NodeSpec } from '../onnx-types.js';
import { column, featuresInput, scoreOutput } from './values.js';

const int64 = (name: string, ...values: readonly bigint[]): InitializerSpec => ({
  name,
  type: 'int64',
  shape: [values.length],
  data: BigInt64Array.from(values),
});

/** Ways in which a model can make a row's score depend on the other rows of its call. */
const WAYS = {
  /** The scale of the integers is that of the lowest and highest value of the call. */
  dynamicQuantization: [
    { op: 'DynamicQuantizeLinear', inputs: ['features'], outputs: ['q', 'scale', 'zero'] },
    { op: 'DequantizeLinear', inputs: ['q', 'scale', 'zero'], outputs: ['mixed'] },
  ],
  softmaxOverRows: [
    { op: 'Softmax', inputs: ['features'], outputs: ['mixed'], attributes: { axis: { int: 0 } } },
  ],
  meanOverRows: [
    {
      op: 'ReduceMean',
      inputs: ['features'],
      outputs: ['mean'],
      attributes: { axes: { ints: [0] }, keepdims: { int: 1 } },
    },
    { op: 'Sub', inputs: ['features', 'mean'], outputs: ['mixed'] },
  ],
  runningSum: [{ op: 'CumSum', inputs: ['features', 'axis0'], outputs: ['mixed'] }],
  firstRow: [
    { op: 'Gather', inputs: ['features', 'place0'], outputs: ['first'] },
    { op: 'Sub', inputs: ['features', 'first'], outputs: ['mixed'] },
  ],
  /** The graph does not show it: any slice of rows may be all of them. */
  sliceOfRows: [
    { op: 'Slice', inputs: ['features', 'place0', 'place1'], outputs: ['first'] },
    { op: 'Sub', inputs: ['features', 'first'], outputs: ['mixed'] },
  ],
  rowCount: [
    { op: 'Shape', inputs: ['features'], outputs: ['rows'], attributes: { end: { int: 1 } } },
    { op: 'Cast', inputs: ['rows'], outputs: ['count'], attributes: { to: { int: 1 } } },
    { op: 'Div', inputs: ['features', 'count'], outputs: ['mixed'] },
  ],
} as const satisfies Record<string, readonly NodeSpec[]>;

export type BatchDependence = keyof typeof WAYS;
export const BATCH_DEPENDENCES = Object.keys(WAYS) as readonly BatchDependence[];

/** Options of {@link batchDependent}. */
export interface BatchDependentOptions {
  readonly way: BatchDependence;
  /** Width of the input rows; 3 when left out. */
  readonly features?: number;
}

/**
 * A score that depends on the other rows of the call.
 *
 * Input `features` float32 [N, features]; output `score` float32 [N, 1], the sum of the row's
 * features after the operators of the chosen way.
 */
export function batchDependent({ way, features = 3 }: BatchDependentOptions): Uint8Array {
  return encodeModel({
    graph: {
      name: `batch_dependent_${way}`,
      inputs: [featuresInput(features)],
      outputs: [scoreOutput()],
      nodes: [...WAYS[way], { op: 'ReduceSum', inputs: ['mixed', 'place1'], outputs: ['score'] }],
      initializers: [
        { name: 'axis0', type: 'int64', shape: [], data: BigInt64Array.of(0n) },
        int64('place0', 0n),
        int64('place1', 1n),
      ],
    },
  });
}

/**
 * A model that turns its input over: the rows are the second dimension of the output.
 *
 * Input `features` float32 [N, features]; output `turned` float32 [features, N].
 */
export function turnedOutput({ features = 3 }: { readonly features?: number } = {}): Uint8Array {
  return encodeModel({
    graph: {
      name: 'turned_output',
      inputs: [featuresInput(features)],
      outputs: [{ name: 'turned', type: 'float32', shape: [features, 'N'] }],
      nodes: [{ op: 'Transpose', inputs: ['features'], outputs: ['turned'] }],
    },
  });
}

/**
 * A model whose output is not declared as it is, which no runtime can infer.
 *
 * Input `features` float32 [N, M]; output `y`, the same, declared with the given dimensions.
 */
export function misdeclaredOutput({
  declared,
}: {
  readonly declared: readonly (number | string)[];
}): Uint8Array {
  return encodeModel({
    graph: {
      name: 'misdeclared_output',
      inputs: [{ name: 'features', type: 'float32', shape: ['N', 'M'] }],
      outputs: [{ name: 'y', type: 'float32', shape: declared }],
      nodes: [{ op: 'Abs', inputs: ['features'], outputs: ['y'] }],
    },
  });
}

/** Draws a random number for each row. Input `x` float32 [N, 1]; output `y` float32 [N, 1]. */
export function randomNoise(): Uint8Array {
  return encodeModel({
    graph: {
      name: 'random_noise',
      inputs: [column('x', 'float32', 1)],
      outputs: [column('y', 'float32', 1)],
      nodes: [
        { op: 'RandomNormalLike', inputs: ['x'], outputs: ['noise'] },
        { op: 'Add', inputs: ['x', 'noise'], outputs: ['y'] },
      ],
    },
  });
}
