import { encodeModel } from '../onnx-encode.js';
import type { ElementType } from '../onnx-types.js';
import { column, featuresInput, scoreOutput } from './values.js';

/** Options of {@link identity}. */
export interface IdentityOptions {
  readonly type: ElementType;
  /** Columns of the tensor; 1 when left out. */
  readonly width?: number;
}

/**
 * Gives out what it gets.
 *
 * Input `x`, of the given type, [N, width]; output `y`, the same.
 */
export function identity({ type, width = 1 }: IdentityOptions): Uint8Array {
  return encodeModel({
    graph: {
      name: 'identity',
      inputs: [column('x', type, width)],
      outputs: [column('y', type, width)],
      nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
    },
  });
}

/** Options of {@link sumColumns}. */
export interface SumColumnsOptions {
  /** Names of the inputs, at least one, none of them `sum`. */
  readonly names: readonly string[];
}

/**
 * Adds up one input a column.
 *
 * Inputs of the given names, each float32 [N, 1]; output `sum` float32 [N, 1].
 */
export function sumColumns({ names }: SumColumnsOptions): Uint8Array {
  return encodeModel({
    graph: {
      name: 'sum_columns',
      inputs: names.map((name) => column(name, 'float32', 1)),
      outputs: [column('sum', 'float32', 1)],
      nodes: [{ op: 'Sum', inputs: names, outputs: ['sum'] }],
    },
  });
}

/** Options of {@link fixedBatch}. */
export interface FixedBatchOptions {
  /** The only number of rows that the model takes; 4 when left out. */
  readonly batch?: number;
  /** Width of the input rows; 3 when left out. */
  readonly features?: number;
}

/**
 * Sums each row, in batches of one fixed size; the runtime refuses any other.
 *
 * Input `features` float32 [batch, features]; output `score` float32 [batch, 1].
 */
export function fixedBatch({ batch = 4, features = 3 }: FixedBatchOptions = {}): Uint8Array {
  return encodeModel({
    graph: {
      name: 'fixed_batch',
      inputs: [{ name: 'features', type: 'float32', shape: [batch, features] }],
      outputs: [{ name: 'score', type: 'float32', shape: [batch, 1] }],
      nodes: [{ op: 'ReduceSum', inputs: ['features', 'axes'], outputs: ['score'] }],
      initializers: [{ name: 'axes', type: 'int64', shape: [1], data: BigInt64Array.of(1n) }],
    },
  });
}

/** Options of {@link labelEncoder}. */
export interface LabelEncoderOptions {
  /** Known texts. */
  readonly keys: readonly string[];
  /** The number of each known text, in the order of `keys`. */
  readonly values: readonly number[];
  /** The number of every other text. */
  readonly default: number;
}

/**
 * Looks texts up, by LabelEncoder (ai.onnx.ml).
 *
 * Input `category` string [N, 1]; output `code` float32 [N, 1].
 */
export function labelEncoder(options: LabelEncoderOptions): Uint8Array {
  return encodeModel({
    graph: {
      name: 'label_encoder',
      inputs: [column('category', 'string', 1)],
      outputs: [column('code', 'float32', 1)],
      nodes: [
        {
          op: 'LabelEncoder',
          domain: 'ai.onnx.ml',
          inputs: ['category'],
          outputs: ['code'],
          attributes: {
            keys_strings: { strings: options.keys },
            values_floats: { floats: options.values },
            default_float: { float: options.default },
          },
        },
      ],
    },
  });
}

/** Weights and bias of {@link zipMap}'s classifier, for class 1. */
export const ZIP_MAP_PARAMETERS = { weights: Float32Array.of(1, -0.5, 0.25), bias: 0.125 };

/**
 * A classifier as scikit-learn's converter makes them, with an output that is no tensor.
 *
 * Input `features` float32 [N, 3]. Outputs: `label` int64 [N] (0 or 1); `probabilities` float32
 * [N, 2], of which column 1 is `logisticReference(ZIP_MAP_PARAMETERS, row)`; and `scores`, the
 * probabilities once more as ZipMap's sequence of N maps from int64 to float, which
 * onnxruntime-node cannot hand to JavaScript: name the other outputs in `run`.
 */
export function zipMap(): Uint8Array {
  const { weights, bias } = ZIP_MAP_PARAMETERS;
  return encodeModel({
    graph: {
      name: 'zip_map',
      inputs: [featuresInput(weights.length)],
      outputs: [
        { name: 'label', type: 'int64', shape: ['N'] },
        column('probabilities', 'float32', 2),
        { kind: 'sequence-of-map', name: 'scores', keyType: 'int64', valueType: 'float32' },
      ],
      nodes: [
        {
          op: 'LinearClassifier',
          domain: 'ai.onnx.ml',
          inputs: ['features'],
          outputs: ['label', 'probabilities'],
          attributes: {
            // Softmax over (0, z) gives class 1 the sigmoid of z.
            coefficients: { floats: [...weights.map(() => 0), ...weights] },
            intercepts: { floats: [0, bias] },
            classlabels_ints: { ints: [0, 1] },
            post_transform: { string: 'SOFTMAX' },
          },
        },
        {
          op: 'ZipMap',
          domain: 'ai.onnx.ml',
          inputs: ['probabilities'],
          outputs: ['scores'],
          attributes: { classlabels_int64s: { ints: [0, 1] } },
        },
      ],
    },
  });
}

/**
 * A model with an output that is no tensor, nor made of one by ZipMap.
 *
 * Input `features` float32 [N, 3]. Outputs: `score` float32 [N, 3], the same as `features`, and
 * `pieces`, a sequence of its rows.
 */
export function sequenceOutput(): Uint8Array {
  return encodeModel({
    graph: {
      name: 'sequence_output',
      inputs: [featuresInput(3)],
      outputs: [
        column('score', 'float32', 3),
        { kind: 'sequence-of-tensor', name: 'pieces', type: 'float32' },
      ],
      nodes: [
        { op: 'Identity', inputs: ['features'], outputs: ['score'] },
        { op: 'SplitToSequence', inputs: ['features'], outputs: ['pieces'] },
      ],
    },
  });
}

/**
 * A model that no runtime can load: its one operator, `com.example.Frobnicate`, does not exist.
 *
 * Input `features` float32 [N, 3]; output `score` float32 [N, 1].
 */
export function unknownOperator(): Uint8Array {
  return encodeModel({
    opset: { '': 17, 'com.example': 1 },
    graph: {
      name: 'unknown_operator',
      inputs: [featuresInput(3)],
      outputs: [scoreOutput()],
      nodes: [
        { op: 'Frobnicate', domain: 'com.example', inputs: ['features'], outputs: ['score'] },
      ],
    },
  });
}
