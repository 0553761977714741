import { encodeModel } from '../onnx-encode.js';
import type { InitializerSpec, NodeSpec } from '../onnx-types.js';

type Attributes = NonNullable<NodeSpec['attributes']>;

const STEPS = 8;
const WIDTH = 8;
const HEADS = 2;

const node = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Attributes = {},
): NodeSpec => ({ op, inputs, outputs: [output], attributes });

const integers = (
  name: string,
  shape: readonly number[],
  ...values: number[]
): InitializerSpec => ({
  name,
  type: 'int64',
  shape,
  data: BigInt64Array.from(values, BigInt),
});

/** Weights that differ from each other. */
const weights = (name: string, ...shape: number[]): InitializerSpec => ({
  name,
  type: 'float32',
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + 1)),
});

/**
 * Self-attention of several heads over the steps of each row, as exporters of networks write it:
 * the batch in the shapes of its heads is computed from the input, or the constant 0.
 *
 * Input `x` float32 [N, 8]; output `y` float32 [N, 8].
 */
export function attention(batch: 'computed' | 'constant'): Uint8Array {
  const heads = (name: string): NodeSpec[] => [
    node('MatMul', ['e', 'w'], `${name}0`),
    node('Reshape', [`${name}0`, batch === 'computed' ? 'shape' : 'fixed'], `${name}1`),
    node('Transpose', [`${name}1`], name, {
      perm: { ints: name === 'k' ? [0, 2, 3, 1] : [0, 2, 1, 3] },
    }),
  ];
  return encodeModel({
    graph: {
      name: 'attention',
      inputs: [{ name: 'x', type: 'float32', shape: ['N', STEPS] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['N', WIDTH] }],
      nodes: [
        node('Unsqueeze', ['x', 'last'], 'column'),
        node('MatMul', ['column', 'embed'], 'e'),
        node('Shape', ['x'], 'size'),
        node('Gather', ['size', 'zero'], 'batch'),
        node('Gather', ['size', 'one'], 'steps'),
        node('Unsqueeze', ['batch', 'front'], 'batch1'),
        node('Unsqueeze', ['steps', 'front'], 'steps1'),
        node('Concat', ['batch1', 'steps1', 'split'], 'shape', { axis: { int: 0 } }),
        ...['q', 'k', 'v'].flatMap(heads),
        node('MatMul', ['q', 'k'], 'scores'),
        node('Softmax', ['scores'], 'weights', { axis: { int: -1 } }),
        node('MatMul', ['weights', 'v'], 'mixed'),
        node('Transpose', ['mixed'], 'back', { perm: { ints: [0, 2, 1, 3] } }),
        node('Reshape', ['back', 'flat'], 'o'),
        node('LayerNormalization', ['o', 'gain'], 'n', { axis: { int: -1 } }),
        node('ReduceMean', ['n'], 'y', { axes: { ints: [1] }, keepdims: { int: 0 } }),
      ],
      initializers: [
        integers('last', [1], 2),
        integers('front', [1], 0),
        integers('zero', [], 0),
        integers('one', [], 1),
        integers('split', [2], HEADS, WIDTH / HEADS),
        integers('fixed', [4], 0, 0, HEADS, WIDTH / HEADS),
        integers('flat', [3], 0, -1, WIDTH),
        weights('embed', 1, WIDTH),
        weights('w', WIDTH, WIDTH),
        weights('gain', WIDTH),
      ],
    },
  });
}
