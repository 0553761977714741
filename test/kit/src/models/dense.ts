import { encodeModel } from '../onnx-encode.js';
import type { InitializerSpec, NodeSpec } from '../onnx-types.js';
import { createRandom, normals, type Random } from '../random.js';
import { column, featuresInput, scoreOutput } from './values.js';

/** Options of {@link logisticRegression} and {@link logisticParameters}. */
export interface LogisticOptions {
  /** Width F of the input rows. */
  readonly features: number;
  /** One weight for each feature; drawn from the seed when left out. */
  readonly weights?: readonly number[];
  /** Drawn from the seed when left out. */
  readonly bias?: number;
  readonly seed?: number;
}

/** What a logistic regression computes with: all values are exact in single precision. */
export interface LogisticParameters {
  readonly weights: Float32Array;
  readonly bias: number;
}

/** The weights and bias that {@link logisticRegression} builds in for the same options. */
export function logisticParameters(options: LogisticOptions): LogisticParameters {
  const random = createRandom(options.seed ?? 1);
  const drawn = normals(random, options.features);
  const weights = options.weights === undefined ? drawn : Float32Array.from(options.weights);
  if (weights.length !== options.features) {
    throw new RangeError(`expected ${options.features} weights, got ${weights.length}`);
  }
  return { weights, bias: Math.fround(options.bias ?? random.normal()) };
}

/** The score that {@link logisticRegression} gives one row, computed in double precision. */
export function logisticReference(parameters: LogisticParameters, row: ArrayLike<number>): number {
  const logit = parameters.weights.reduce(
    (sum, weight, index) => sum + weight * (row[index] ?? 0),
    parameters.bias,
  );
  return 1 / (1 + Math.exp(-logit));
}

/**
 * Logistic regression, by Gemm and Sigmoid.
 *
 * Input `features` float32 [N, F]; output `score` float32 [N, 1].
 * {@link logisticParameters} has the weights, {@link logisticReference} the expected scores.
 */
export function logisticRegression(options: LogisticOptions): Uint8Array {
  const { weights, bias } = logisticParameters(options);
  const layer = { inputs: options.features, outputs: 1, weights, bias: Float32Array.of(bias) };
  return encodeModel({
    graph: {
      name: 'logistic_regression',
      inputs: [featuresInput(options.features)],
      outputs: [scoreOutput()],
      nodes: [
        gemm('features', 'layer0', 'logit'),
        { op: 'Sigmoid', inputs: ['logit'], outputs: ['score'] },
      ],
      initializers: layerInitializers('layer0', layer),
    },
  });
}

/** Options of {@link mlp} and {@link mlpLayers}. */
export interface MlpOptions {
  /** Widths from the input to the output, at least two: `[30, 256, 256, 1]`. */
  readonly layers: readonly number[];
  readonly seed?: number;
}

/** One dense layer: `weights` is [inputs, outputs] in row-major order, `bias` is [outputs]. */
export interface DenseLayer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** The layers that {@link mlp} builds in for the same options, first to last. */
export function mlpLayers(options: MlpOptions): DenseLayer[] {
  const random = createRandom(options.seed ?? 1);
  const [first, ...rest] = options.layers;
  if (first === undefined || rest.length === 0) throw new RangeError('an mlp needs two widths');
  let inputs = first;
  return rest.map((outputs) => {
    const layer = drawLayer(random, inputs, outputs);
    inputs = outputs;
    return layer;
  });
}

/**
 * A multilayer perceptron with random weights: Gemm and Relu for each hidden layer, then Gemm and
 * Sigmoid.
 *
 * Input `features` float32 [N, first width]; output `score` float32 [N, last width].
 */
export function mlp(options: MlpOptions): Uint8Array {
  const layers = mlpLayers(options);
  const nodes: NodeSpec[] = [];
  let value = 'features';
  for (const index of layers.keys()) {
    const last = index === layers.length - 1;
    const activated = last ? 'score' : `hidden${index}`;
    nodes.push(gemm(value, `layer${index}`, `sum${index}`), {
      op: last ? 'Sigmoid' : 'Relu',
      inputs: [`sum${index}`],
      outputs: [activated],
    });
    value = activated;
  }
  return encodeModel({
    graph: {
      name: 'mlp',
      inputs: [featuresInput(options.layers[0] ?? 0)],
      outputs: [column('score', 'float32', options.layers.at(-1) ?? 0)],
      nodes,
      initializers: layers.flatMap((layer, index) => layerInitializers(`layer${index}`, layer)),
    },
  });
}

/** Options of {@link vectorOutput} and {@link vectorLayer}. */
export interface VectorOptions {
  /** Width F of the input rows. */
  readonly features: number;
  /** Width of the output rows. */
  readonly width: number;
  readonly seed?: number;
}

/** The layer that {@link vectorOutput} builds in for the same options. */
export function vectorLayer(options: VectorOptions): DenseLayer {
  return drawLayer(createRandom(options.seed ?? 1), options.features, options.width);
}

/**
 * A random linear embedding, by one Gemm.
 *
 * Input `features` float32 [N, F]; output `embedding` float32 [N, width].
 */
export function vectorOutput(options: VectorOptions): Uint8Array {
  return encodeModel({
    graph: {
      name: 'vector_output',
      inputs: [featuresInput(options.features)],
      outputs: [column('embedding', 'float32', options.width)],
      nodes: [gemm('features', 'layer0', 'embedding')],
      initializers: layerInitializers('layer0', vectorLayer(options)),
    },
  });
}

/** `row · weights + bias` in double precision: the values of one row after a layer's Gemm. */
export function denseReference(layer: DenseLayer, row: ArrayLike<number>): number[] {
  return Array.from(layer.bias, (bias, output) => {
    let sum = bias;
    for (let input = 0; input < layer.inputs; input++) {
      sum += (row[input] ?? 0) * (layer.weights[input * layer.outputs + output] ?? 0);
    }
    return sum;
  });
}

/** Draws weights at the scale (He's) that keeps values in range through Relu layers. */
function drawLayer(random: Random, inputs: number, outputs: number): DenseLayer {
  const weights = normals(random, inputs * outputs, Math.sqrt(2 / inputs));
  return { inputs, outputs, weights, bias: normals(random, outputs, 0.1) };
}

/** `output = input · weights + bias`, with the constants of {@link layerInitializers}. */
function gemm(input: string, layer: string, output: string): NodeSpec {
  return { op: 'Gemm', inputs: [input, `${layer}.weights`, `${layer}.bias`], outputs: [output] };
}

function layerInitializers(name: string, layer: DenseLayer): InitializerSpec[] {
  const { inputs, outputs, weights, bias } = layer;
  return [
    { name: `${name}.weights`, type: 'float32', shape: [inputs, outputs], data: weights },
    { name: `${name}.bias`, type: 'float32', shape: [outputs], data: bias },
  ];
}
