import { encodeModel } from '../onnx-encode.js';
import type { AttributeSpec, InitializerSpec, NodeSpec } from '../onnx-types.js';
import { createRandom, normals } from '../random.js';

/** Options of {@link encoder} and {@link encoderReference}. */
export interface EncoderOptions {
  readonly vocabulary: number;
  readonly width: number;
  /** Attention heads; a divisor of the width. */
  readonly heads: number;
  readonly layers: number;
  readonly seed?: number;
  /** Whether the output is `last_hidden_state` float32 [N, L, width] in place of the mean. */
  readonly hiddenState?: boolean;
  /** Rows of a table of positions, of zeros: the model throws for more tokens. None where left out. */
  readonly positions?: number;
}

/** A matrix [rows, columns] in row-major order. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

interface EncoderWeights {
  readonly embeddings: Matrix;
  readonly layers: readonly Readonly<Record<LayerMatrix, Matrix>>[];
}

const LAYER_MATRICES = ['query', 'key', 'value', 'merged', 'wide', 'narrow'] as const;
type LayerMatrix = (typeof LAYER_MATRICES)[number];
const FEED_FORWARD = 4;
const EPSILON = 1e-5;
const MASKED = -1e4;

/** The weights that {@link encoder} builds in for the same options. */
function encoderWeights({ vocabulary, width, layers, seed = 1 }: EncoderOptions): EncoderWeights {
  const random = createRandom(seed);
  const draw = (rows: number, columns: number, deviation: number): Matrix => ({
    rows,
    columns,
    data: normals(random, rows * columns, deviation),
  });
  const wide = FEED_FORWARD * width;
  const square = (): Matrix => draw(width, width, 1 / Math.sqrt(width));
  return {
    embeddings: draw(vocabulary, width, 1),
    layers: Array.from({ length: layers }, () => ({
      query: square(),
      key: square(),
      value: square(),
      merged: square(),
      wide: draw(width, wide, Math.sqrt(2 / width)),
      narrow: draw(wide, width, 1 / Math.sqrt(wide)),
    })),
  };
}

/**
 * An encoder of texts as they are used for embeddings: token embeddings, `layers` of attention and
 * feed-forward with residual connections and normalization, and the mean over the tokens of the
 * mask. What it holds of a row grows with the square of the number of tokens.
 *
 * Inputs `input_ids` and `attention_mask` int64 [N, L]; output `embedding` float32 [N, width].
 */
export function encoder(options: EncoderOptions): Uint8Array {
  const { width, heads } = options;
  const { embeddings, layers } = encoderWeights(options);
  const graph = new GraphBuilder();
  graph.matrix('embeddings', embeddings);
  graph.floats('one', [], 1);
  graph.floats('masked', [], MASKED);
  graph.floats('scale', [], 1 / Math.sqrt(width / heads));
  graph.floats('gain', [width], ...Array.from({ length: width }, () => 1));
  graph.floats('shift', [width], ...Array.from({ length: width }, () => 0));
  graph.ints('split_shape', 0, -1, heads, width / heads);
  graph.ints('joined_shape', 0, -1, width);
  graph.ints('axis_1', 1);
  graph.ints('axis_2', 2);
  graph.ints('axes_1_2', 1, 2);

  const mask = graph.node('Cast', ['attention_mask'], { to: { int: 1 } });
  const without = graph.node('Sub', ['one', graph.node('Unsqueeze', [mask, 'axes_1_2'])]);
  const bias = graph.node('Mul', [without, 'masked']);
  let x = graph.node('Gather', ['embeddings', 'input_ids']);
  if (options.positions !== undefined) x = graph.positioned(x, options.positions, width);
  for (const [index, layer] of layers.entries()) {
    const names = graph.matrices(`layer${index}`, layer);
    const headsOf = (name: string, order: readonly number[]): string =>
      graph.node(
        'Transpose',
        [graph.node('Reshape', [graph.node('MatMul', [x, name]), 'split_shape'])],
        {
          perm: { ints: order },
        },
      );
    const query = headsOf(names.query, [0, 2, 1, 3]);
    const key = headsOf(names.key, [0, 2, 3, 1]);
    const value = headsOf(names.value, [0, 2, 1, 3]);
    const scores = graph.node('Mul', [graph.node('MatMul', [query, key]), 'scale']);
    const weights = graph.node('Softmax', [graph.node('Add', [scores, bias])], {
      axis: { int: -1 },
    });
    const seen = graph.node('Transpose', [graph.node('MatMul', [weights, value])], {
      perm: { ints: [0, 2, 1, 3] },
    });
    const merged = graph.node('MatMul', [
      graph.node('Reshape', [seen, 'joined_shape']),
      names.merged,
    ]);
    x = graph.normalized(x, merged);
    const wide = graph.node('Relu', [graph.node('MatMul', [x, names.wide])]);
    x = graph.normalized(x, graph.node('MatMul', [wide, names.narrow]));
  }
  if (options.hiddenState === true) {
    graph.node('Identity', [x], {}, 'last_hidden_state');
    return encodeEncoder(graph, { name: 'last_hidden_state', shape: ['N', 'L', width] });
  }
  const kept = graph.node('Mul', [x, graph.node('Unsqueeze', [mask, 'axis_2'])]);
  const sum = graph.node('ReduceSum', [kept, 'axis_1'], { keepdims: { int: 0 } });
  const tokens = graph.node('ReduceSum', [mask, 'axis_1'], { keepdims: { int: 1 } });
  graph.node('Div', [sum, tokens], {}, 'embedding');
  return encodeEncoder(graph, { name: 'embedding', shape: ['N', width] });
}

function encodeEncoder(
  { nodes, initializers }: GraphBuilder,
  output: { readonly name: string; readonly shape: readonly (number | string)[] },
): Uint8Array {
  return encodeModel({
    graph: {
      name: 'encoder',
      inputs: [
        { name: 'input_ids', type: 'int64', shape: ['N', 'L'] },
        { name: 'attention_mask', type: 'int64', shape: ['N', 'L'] },
      ],
      outputs: [{ ...output, type: 'float32' }],
      nodes,
      initializers,
    },
  });
}

class GraphBuilder {
  readonly nodes: NodeSpec[] = [];
  readonly initializers: InitializerSpec[] = [];

  /** @returns the name of the output. */
  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeSpec>> = {},
    output = `value${this.nodes.length}`,
  ): string {
    this.nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  }

  /** Adds the row of a table to each token; there are no more rows than `count`. */
  positioned(x: string, count: number, width: number): string {
    const data = new Float32Array(count * width);
    this.initializers.push({ name: 'positions', type: 'float32', shape: [count, width], data });
    this.ints('first', 0);
    const length = this.node('Shape', ['input_ids'], { start: { int: 1 }, end: { int: 2 } });
    const own = this.node('Slice', ['positions', 'first', length, 'first']);
    return this.node('Add', [x, own]);
  }

  normalized(x: string, added: string): string {
    const sum = this.node('Add', [x, added]);
    return this.node('LayerNormalization', [sum, 'gain', 'shift'], {
      axis: { int: -1 },
      epsilon: { float: EPSILON },
    });
  }

  matrix(name: string, { rows, columns, data }: Matrix): void {
    this.initializers.push({ name, type: 'float32', shape: [rows, columns], data });
  }

  matrices(
    layer: string,
    matrices: Readonly<Record<LayerMatrix, Matrix>>,
  ): Record<LayerMatrix, string> {
    const name = (which: LayerMatrix): string => {
      this.matrix(`${layer}.${which}`, matrices[which]);
      return `${layer}.${which}`;
    };
    return {
      query: name('query'),
      key: name('key'),
      value: name('value'),
      merged: name('merged'),
      wide: name('wide'),
      narrow: name('narrow'),
    };
  }

  floats(name: string, shape: readonly number[], ...values: number[]): void {
    this.initializers.push({ name, type: 'float32', shape, data: Float32Array.from(values) });
  }

  ints(name: string, ...values: number[]): void {
    const data = BigInt64Array.from(values, BigInt);
    this.initializers.push({ name, type: 'int64', shape: [values.length], data });
  }
}

/** Computes the embedding that {@link encoder} gives one row, in double precision. */
export function encoderReference(
  options: EncoderOptions,
): (ids: readonly number[], mask: readonly number[]) => number[] {
  const { embeddings, layers } = encoderWeights(options);
  const { width, heads } = options;
  return (ids, mask) => {
    let x = ids.map((id) => rowOf(embeddings, id));
    for (const layer of layers) {
      const [query, key, value] = [layer.query, layer.key, layer.value].map((matrix) =>
        x.map((row) => product(row, matrix)),
      );
      const seen = attend(query ?? [], key ?? [], value ?? [], mask, heads);
      x = x.map((row, token) => normalize(add(row, product(seen[token] ?? [], layer.merged))));
      x = x.map((row) => {
        const wide = product(row, layer.wide).map((v) => Math.max(0, v));
        return normalize(add(row, product(wide, layer.narrow)));
      });
    }
    const tokens = mask.reduce((sum, kept) => sum + kept, 0);
    return Array.from(
      { length: width },
      (_, column) =>
        x.reduce((sum, row, token) => sum + (row[column] ?? 0) * (mask[token] ?? 0), 0) / tokens,
    );
  };
}

function rowOf({ columns, data }: Matrix, row: number): number[] {
  return Array.from(data.subarray(row * columns, (row + 1) * columns));
}

function product(row: readonly number[], { columns, data }: Matrix): number[] {
  const result = Array.from({ length: columns }, () => 0);
  for (const [index, value] of row.entries()) {
    for (let column = 0; column < columns; column++) {
      result[column] = (result[column] ?? 0) + value * (data[index * columns + column] ?? 0);
    }
  }
  return result;
}

function attend(
  query: readonly number[][],
  key: readonly number[][],
  value: readonly number[][],
  mask: readonly number[],
  heads: number,
): number[][] {
  const width = query[0]?.length ?? 0;
  const size = width / heads;
  return query.map((q) => {
    const seen = Array.from({ length: width }, () => 0);
    for (let head = 0; head < heads; head++) {
      const [from, to] = [head * size, (head + 1) * size];
      const scores = key.map((k, token) => {
        let sum = 0;
        for (let i = from; i < to; i++) sum += (q[i] ?? 0) * (k[i] ?? 0);
        return sum / Math.sqrt(size) + (1 - (mask[token] ?? 0)) * MASKED;
      });
      const highest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
      const weights = scores.map((score) => Math.exp(score - highest));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (const [token, weight] of weights.entries()) {
        const v = value[token] ?? [];
        for (let i = from; i < to; i++) seen[i] = (seen[i] ?? 0) + (weight / total) * (v[i] ?? 0);
      }
    }
    return seen;
  });
}

const add = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((value, index) => value + (b[index] ?? 0));

function normalize(row: readonly number[]): number[] {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
  return row.map((value) => (value - mean) / Math.sqrt(variance + EPSILON));
}
