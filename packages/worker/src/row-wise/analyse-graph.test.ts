import {
  attention,
  BATCH_DEPENDENCES,
  batchDependent,
  boostedTrees,
  encodeModel,
  type GraphSpec,
  type InitializerSpec,
  labelEncoder,
  logisticRegression,
  type NodeSpec,
  randomNoise,
  slow,
  turnedOutput,
  zipMap,
} from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import type { OnnxFunction, OnnxNode } from '../onnx-graph/onnx-graph.js';
import { readOnnxGraph } from '../onnx-graph/read-onnx-graph.js';
import { analyseGraph } from './analyse-graph.js';
import type { Shape, TensorFacts } from './tensor-facts.js';

/** Facts of the first output, for inputs whose first dimension is the batch. */
function analyse(bytes: Uint8Array): TensorFacts | undefined {
  const model = readOnnxGraph(bytes);
  if (model === undefined) throw new Error('not a model');
  const inputs = model.graph.inputs.map(({ name, shape = [] }): [string, Shape] => [
    name,
    shape.map((dim, index) => (index === 0 ? 'rows' : typeof dim === 'number' ? dim : '?')),
  ]);
  return [...analyseGraph(model, new Map(inputs)).values()][0];
}

const ints = (name: string, ...values: number[]): InitializerSpec => ({
  name,
  type: 'int64',
  shape: [values.length],
  data: BigInt64Array.from(values, BigInt),
});
const floats = (name: string, ...shape: number[]): InitializerSpec => ({
  name,
  type: 'float32',
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

/** Nodes from `x`, float32 [N, ...dims], to `y`. */
function graph(
  dims: readonly (number | string)[],
  nodes: readonly NodeSpec[],
  initializers: readonly InitializerSpec[] = [],
  opset = 17,
): Uint8Array {
  return encodeModel({
    opset: { '': opset },
    graph: {
      name: 'g',
      inputs: [{ name: 'x', type: 'float32', shape: ['N', ...dims] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['N', 1] }],
      nodes,
      initializers,
    },
  });
}

type Attributes = NonNullable<NodeSpec['attributes']>;

const node = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Attributes = {},
): NodeSpec => ({ op, inputs, outputs: [output], attributes });
const axis = (value: number): Attributes => ({ axis: { int: value } });

/** Dependences that cannot be found in the graph alone: a probe finds them. */
const NOT_PROVEN = new Set(['sliceOfRows', 'rowCount']);

describe('a graph that mixes rows', () => {
  it.each(BATCH_DEPENDENCES.filter((way) => !NOT_PROVEN.has(way)))(
    'is recognized by its operator: %s',
    (way) => {
      expect(analyse(batchDependent({ way }))?.mixing).toMatchObject({ kind: 'rows' });
    },
  );

  it.each([
    [
      'Softmax of old over what follows an axis',
      graph([3], [node('Softmax', ['x'], 'y', axis(0))], [], 11),
    ],
    [
      'normalization from the first axis on',
      graph([3], [node('LayerNormalization', ['x', 'w'], 'y', axis(0))], [floats('w', 3)]),
    ],
    [
      'batch normalization that is trained',
      graph(
        [3],
        [node('BatchNormalization', ['x', 'w', 'w', 'w', 'w'], 'y', { training_mode: { int: 1 } })],
        [floats('w', 3)],
      ),
    ],
    [
      'the default axes of mean and variance',
      graph([3, 4, 4], [node('MeanVarianceNormalization', ['x'], 'y')]),
    ],
    [
      'a reduction of all axes',
      graph([3], [node('ReduceMax', ['x'], 'm'), node('Div', ['x', 'm'], 'y')]),
    ],
    ['the highest of the rows', graph([3], [node('ArgMax', ['x'], 'y', axis(0))])],
    [
      'sorting',
      graph(
        [3],
        [{ op: 'TopK', inputs: ['x', 'k'], outputs: ['y', 'i'], attributes: axis(0) }],
        [ints('k', 2)],
      ),
    ],
    [
      'rows against rows',
      graph([3], [node('Transpose', ['x'], 't'), node('MatMul', ['x', 't'], 'y')]),
    ],
    [
      'a sum over rows',
      graph([3], [node('Transpose', ['x'], 't'), node('MatMul', ['t', 'x'], 'y')]),
    ],
    [
      'a general product over rows',
      graph([3], [node('Gemm', ['x', 'x'], 'y', { transA: { int: 1 } })]),
    ],
    [
      'an equation without the rows',
      graph([3], [node('Einsum', ['x', 'x'], 'y', { equation: { string: 'ij,ik->jk' } })]),
    ],
    [
      'a list beside a column',
      graph([1], [node('Reshape', ['x', 's'], 'l'), node('Sub', ['x', 'l'], 'y')], [ints('s', -1)]),
    ],
    [
      'a sequence of rows',
      graph(
        [3],
        [node('Unsqueeze', ['x', 'a'], 'u'), node('LSTM', ['u', 'w', 'r'], 'y')],
        [ints('a', 1), floats('w', 1, 4, 3), floats('r', 1, 4, 1)],
      ),
    ],
    [
      'rows that became one line',
      graph(
        [3],
        [node('Reshape', ['x', 's'], 'l'), node('Softmax', ['l'], 'y', axis(-1))],
        [ints('s', 1, -1)],
      ),
    ],
    [
      'what goes on after an unknown operator',
      graph(
        [3],
        [
          node('Softmax', ['x'], 's', axis(0)),
          { ...node('Mystery', ['s'], 'y'), domain: 'com.example' },
        ],
      ),
    ],
  ])('is recognized by its operator: %s', (_, model) => {
    expect(analyse(model)?.mixing).toMatchObject({ kind: 'rows' });
  });

  it('says which operator it is, by its name or its output, and why', () => {
    const model = readOnnxGraph(batchDependent({ way: 'softmaxOverRows' }));
    if (model === undefined) throw new Error('not a model');
    const named = (name: string): TensorFacts | undefined => {
      const nodes = model.graph.nodes.map((one) => ({ ...one, name }));
      const inputs = new Map<string, Shape>([['features', ['rows', 3]]]);
      return analyseGraph({ ...model, graph: { ...model.graph, nodes } }, inputs).get('score');
    };
    expect(named('norm_1')?.mixing?.node).toBe('Softmax "norm_1"');
    expect(named('')?.mixing).toEqual({
      kind: 'rows',
      node: 'Softmax (output "mixed")',
      why: 'normalizes over dimension 0, which holds the rows of the call',
    });
  });

  it('is recognized by a body of a loop or a branch, and by a function', () => {
    const body = (over: number): GraphSpec => ({
      name: 'body',
      inputs: [
        { name: 'turn', type: 'int64', shape: [] },
        { name: 'going', type: 'bool', shape: [] },
        { name: 'before', type: 'float32', shape: ['N', 3] },
      ],
      outputs: [
        { name: 'on', type: 'bool', shape: [] },
        { name: 'after', type: 'float32', shape: ['N', 3] },
      ],
      nodes: [node('Identity', ['going'], 'on'), node('Softmax', ['before'], 'after', axis(over))],
    });
    const loop = (over: number): Uint8Array =>
      graph(
        [3],
        [node('Loop', ['n', '', 'x'], 'y', { body: { graph: body(over) } })],
        [ints('n', 2)],
      );
    expect(analyse(loop(0))?.mixing?.node).toContain('Softmax');
    expect(analyse(loop(1))?.mixing).toBeUndefined();

    const branch = (over: number): GraphSpec => ({
      name: 'branch',
      inputs: [],
      outputs: [{ name: 'b', type: 'float32', shape: ['N', 3] }],
      nodes: [node('Softmax', ['x'], 'b', axis(over))],
    });
    const either = (over: number): Uint8Array =>
      graph(
        [3],
        [
          node('If', ['c'], 'y', {
            then_branch: { graph: branch(1) },
            else_branch: { graph: branch(over) },
          }),
        ],
      );
    expect(analyse(either(0))?.mixing?.node).toContain('Softmax');
    expect(analyse(either(1))?.mixing).toBeUndefined();

    const inner: OnnxNode = {
      name: '',
      op: 'Softmax',
      domain: '',
      inputs: ['a'],
      outputs: ['b'],
      attributes: new Map([['axis', { reference: 'over' }]]),
      bytes: 0,
    };
    const own: OnnxFunction = {
      inputs: ['a'],
      outputs: ['b'],
      nodes: [inner],
      opsets: new Map([['', 17]]),
      defaults: new Map([['over', { int: 1 }]]),
    };
    const call = (over?: number): TensorFacts | undefined => {
      const model = readOnnxGraph(
        graph(
          [3],
          [
            {
              ...node('Mine', ['x'], 'y', over === undefined ? {} : { over: { int: over } }),
              domain: 'com.example',
            },
          ],
        ),
      );
      if (model === undefined) return undefined;
      const functions = new Map([['com.example:Mine', own]]);
      return analyseGraph({ ...model, functions }, new Map([['x', ['rows', 3]]])).get('y');
    };
    expect(call(0)?.mixing?.node).toContain('Softmax');
    expect(call()?.mixing).toBeUndefined();
    expect(call()?.shape).toEqual(['rows', 3]);
  });

  it('is recognized where it draws random numbers', () => {
    expect(analyse(randomNoise())?.mixing).toMatchObject({ kind: 'random' });
  });

  it('is recognized where the rows are in another dimension of the output', () => {
    expect(analyse(turnedOutput())).toMatchObject({ shape: [3, 'rows'] });
  });
});

describe('a graph that scores each row by itself', () => {
  it.each([
    ['logistic regression', logisticRegression({ features: 3 })],
    ['boosted trees', boostedTrees()],
    ['text codes', labelEncoder({ keys: ['a'], values: [1], default: 0 })],
    ['a classifier with ZipMap', zipMap()],
    ['a loop of products', slow({ iterations: 3 })],
    ['attention with a computed batch', attention('computed')],
    ['attention with a batch of 0', attention('constant')],
    ['softmax of old over the last of two axes', graph([3], [node('Softmax', ['x'], 'y')], [], 11)],
    [
      'batch normalization',
      graph([3], [node('BatchNormalization', ['x', 'w', 'w', 'w', 'w'], 'y')], [floats('w', 3)]),
    ],
    [
      'a sequence for each row',
      graph(
        [3, 2],
        [
          node('Transpose', ['x'], 't', { perm: { ints: [1, 0, 2] } }),
          node('LSTM', ['t', 'w', 'r'], 'y'),
        ],
        [floats('w', 1, 4, 2), floats('r', 1, 4, 1)],
      ),
    ],
    [
      'a size that all rows decide',
      graph(
        [3],
        [
          node('ReduceMax', ['x'], 'm'),
          node('Cast', ['m'], 'i', { to: { int: 7 } }),
          node('Expand', ['x', 'i'], 'y'),
        ],
      ),
    ],
    [
      'what does not come to the output',
      graph([3], [node('Softmax', ['x'], 'unused', axis(0)), node('Relu', ['x'], 'y')]),
    ],
    [
      'rows without an order, and a mask that is written back',
      graph(
        [3],
        [
          node('NonZero', ['x'], 'places'),
          node('Transpose', ['places'], 'p'),
          node('ScatterND', ['x', 'p', 'v'], 'y'),
        ],
      ),
    ],
  ])('is not taken for another: %s', (_, model) => {
    expect(analyse(model)?.mixing).toBeUndefined();
  });

  it('has its rows in the first dimension to the end, as far as it can be followed', () => {
    expect(analyse(attention('computed'))?.shape?.[0]).toBe('rows');
    expect(analyse(attention('constant'))?.shape?.[0]).toBe('rows');
    expect(analyse(boostedTrees())?.shape?.[0]).toBe('rows');
  });
});
