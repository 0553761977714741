import {
  boostedTrees,
  encodeModel,
  encoder,
  logisticRegression,
  mlp,
  type NodeSpec,
  slow,
} from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import type { ModelWork } from '@shardmill/core';
import type { OnnxFunction, OnnxModel } from './onnx-graph.js';
import { readOnnxGraph } from './read-onnx-graph.js';
import { estimateWork } from './estimate-work.js';

function workOf(
  model: Uint8Array,
  shapes: Readonly<Record<string, readonly number[]>>,
  batch = 1,
): ModelWork {
  const features = Object.entries(shapes).map(([input, rowShape]) => ({
    input,
    type: 'float32' as const,
    rowShape: [...rowShape],
  }));
  return estimateWork(readOnnxGraph(model), features, batch, model.length);
}

/** The nearest power of two. */
const about = (value: number): number => 2 ** Math.round(Math.log2(value));

const int64 = (name: string, ...values: number[]) => ({
  name,
  type: 'int64' as const,
  shape: [values.length],
  data: BigInt64Array.from(values, BigInt),
});
const floats = (name: string, ...shape: number[]) => ({
  name,
  type: 'float32' as const,
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

function modelOf(
  input: readonly (number | string)[],
  nodes: readonly NodeSpec[],
  ...initializers: (ReturnType<typeof int64> | ReturnType<typeof floats>)[]
): Uint8Array {
  return encodeModel({
    graph: {
      name: 'g',
      inputs: [{ name: 'x', type: 'float32', shape: input }],
      outputs: [{ name: 'y', type: 'float32', shape: ['N', 'M'] }],
      nodes,
      initializers,
    },
  });
}

describe('the work of a row', () => {
  it('is counted over the layers of a network', () => {
    expect(workOf(logisticRegression({ features: 30 }), { features: [30] })).toEqual({
      multiplyAdds: 32,
      activationBytes: 8,
      basis: 'graph',
    });
    const network = workOf(mlp({ layers: [30, 256, 256, 1] }), { features: [30] });
    expect(network.multiplyAdds).toBe(about(30 * 256 + 256 * 256 + 256));
    expect(network.basis).toBe('graph');
  });

  it('grows with the square of the length in an encoder, whose length the job gives', () => {
    const model = encoder({ vocabulary: 100, width: 64, heads: 4, layers: 2 });
    const work = (tokens: number): ModelWork =>
      workOf(model, { input_ids: [tokens], attention_mask: [tokens] });
    const expected = (tokens: number): number => 2 * tokens * (12 * 64 * 64 + 2 * tokens * 64);
    for (const tokens of [16, 128, 2048]) {
      expect(work(tokens)).toMatchObject({ multiplyAdds: about(expected(tokens)), basis: 'graph' });
    }
    expect(work(2048).activationBytes).toBeGreaterThan(100 * work(128).activationBytes);
  });

  it('is counted over the places of a convolution', () => {
    const conv: NodeSpec = {
      op: 'Conv',
      inputs: ['x', 'w'],
      outputs: ['y'],
      attributes: {
        strides: { ints: [2, 2] },
        pads: { ints: [1, 1, 1, 1] },
        kernel_shape: { ints: [3, 3] },
      },
    };
    const work = workOf(modelOf(['N', 3, 32, 32], [conv], floats('w', 16, 3, 3, 3)), {
      x: [3, 32, 32],
    });
    expect(work.multiplyAdds).toBe(about(16 * 16 * 16 * 27));
    expect(work.activationBytes).toBe(about(16 * 16 * 16 * 4));
  });

  it('follows shapes that are computed in the graph, as exporters write them', () => {
    const nodes: NodeSpec[] = [
      { op: 'Shape', inputs: ['x'], outputs: ['shape'] },
      {
        op: 'Gather',
        inputs: ['shape', 'first'],
        outputs: ['n'],
        attributes: { axis: { int: 0 } },
      },
      {
        op: 'Concat',
        inputs: ['n', 'rest'],
        outputs: ['target'],
        attributes: { axis: { int: -1 } },
      },
      { op: 'Reshape', inputs: ['x', 'target'], outputs: ['r'] },
      { op: 'MatMul', inputs: ['r', 'w'], outputs: ['y'] },
    ];
    const model = modelOf(
      ['N', 64],
      nodes,
      int64('first', 0),
      int64('rest', -1, 8),
      floats('w', 8, 1024),
    );
    expect(workOf(model, { x: [64] })).toMatchObject({
      multiplyAdds: 8 * 8 * 1024,
      basis: 'graph',
    });
    // A row has its share of a batch that the model fixes.
    expect(workOf(model, { x: [64] }, 4)).toMatchObject({ multiplyAdds: 8 * 8 * 1024 });
  });

  it('grows with trees and their depth', () => {
    const trees = (count: number, depth: number): number =>
      workOf(boostedTrees({ features: 10, trees: count, depth, seed: 1 }), { features: [10] })
        .multiplyAdds;
    expect(trees(80, 6)).toBe(8 * trees(10, 6));
    expect(trees(5, 10)).toBeGreaterThan(trees(5, 4));
  });

  it('counts the body of a loop as often as it runs', () => {
    const work = workOf(slow({ iterations: 1000 }), { features: [3] });
    expect(work).toMatchObject({ multiplyAdds: about(1000 * 256 * 256), basis: 'graph' });
  });

  it('is that of the functions which the model defines, with the attributes of their call', () => {
    const over = (axis: number, inner: string): OnnxModel => {
      const read = readOnnxGraph(
        modelOf(
          ['N', 4, 8],
          [{ op: 'Layer', inputs: ['x', 'w'], outputs: ['y'] }],
          floats('w', 8, 1024),
        ),
      );
      const [call] = read?.graph.nodes ?? [];
      const [product] =
        readOnnxGraph(modelOf(['N'], [{ op: 'MatMul', inputs: ['kept', 'b'], outputs: ['c'] }]))
          ?.graph.nodes ?? [];
      if (read === undefined || call === undefined || product === undefined) throw new Error();
      const reduced = {
        ...product,
        op: 'ReduceSum',
        inputs: ['a'],
        outputs: ['kept'],
        attributes: new Map([['axes', { reference: 'over' }]]),
      };
      const layer: OnnxFunction = {
        inputs: ['a', 'b'],
        outputs: ['c'],
        nodes: [reduced, product],
        opsets: read.opsets,
        defaults: new Map(),
      };
      const outer = {
        ...layer,
        nodes: [{ ...call, op: inner, inputs: ['a', 'b'], outputs: ['c'] }],
      };
      const attributes = new Map([['over', { ints: [axis] }]]);
      return {
        ...read,
        graph: { ...read.graph, nodes: [{ ...call, attributes }] },
        functions: new Map([
          ['Layer', inner === 'Layer' ? outer : layer],
          ['Outer', outer],
        ]),
      };
    };
    const features = [{ input: 'x', type: 'float32' as const, rowShape: [4, 8] }];
    const work = (model: OnnxModel): ModelWork => estimateWork(model, features, 1, 64);
    // [1, 4, 8] becomes [1, 1, 8].
    expect(work(over(1, 'None'))).toMatchObject({ multiplyAdds: 8 * 1024, basis: 'graph' });
    expect(work(over(0, 'None')).multiplyAdds).toBe(4 * 8 * 1024);
    // One that calls itself has no end.
    expect(work(over(1, 'Layer'))).toMatchObject({ basis: 'file size' });
  });

  it('is by the size of the file where the graph cannot be followed', () => {
    const lost = modelOf(
      ['N', 8],
      [{ op: 'MatMul', inputs: ['unknown', 'w'], outputs: ['y'] }],
      floats('w', 64, 1024),
    );
    expect(workOf(lost, { x: [8] })).toMatchObject({
      multiplyAdds: 64 * 1024,
      basis: 'file size',
    });
    const texts = [{ input: 'ids', type: 'int64' as const, rowShape: [64] }];
    expect(estimateWork(undefined, texts, 1, 2 ** 20).multiplyAdds).toBe(64 * 2 ** 18);
    expect(estimateWork(undefined, [], 1, 2 ** 20)).toEqual({
      multiplyAdds: 2 ** 18,
      activationBytes: 1,
      basis: 'file size',
    });
  });
});
