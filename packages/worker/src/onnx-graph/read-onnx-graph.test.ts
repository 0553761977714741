import { encodeModel, identity, ProtobufWriter, slow } from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import { readOnnxGraph } from './read-onnx-graph.js';

describe('the graph of an ONNX file', () => {
  it('has its operators with attributes, its small integers, inputs and outputs', () => {
    const model = readOnnxGraph(
      encodeModel({
        opset: { '': 13, 'ai.onnx.ml': 2 },
        graph: {
          name: 'g',
          inputs: [{ name: 'x', type: 'float32', shape: ['N', 3] }],
          outputs: [{ name: 'y', type: 'float32', shape: ['N', 1] }],
          nodes: [
            { op: 'Softmax', inputs: ['x'], outputs: ['p'], attributes: { axis: { int: -1 } } },
            {
              op: 'ReduceSum',
              inputs: ['p', 'axes'],
              outputs: ['y'],
              attributes: { note: { string: 'text' }, list: { ints: [1, -2, 3] } },
            },
          ],
          initializers: [
            { name: 'axes', type: 'int64', shape: [2], data: BigInt64Array.of(-1n, 2n ** 40n) },
            { name: 'w', type: 'float32', shape: [2, 2], data: new Float32Array(4) },
          ],
        },
      }),
    );
    expect(model?.opsets).toEqual(
      new Map([
        ['', 13],
        ['ai.onnx.ml', 2],
      ]),
    );
    expect(model?.graph.inputs).toEqual([{ name: 'x', shape: ['N', 3] }]);
    expect(model?.graph.outputs).toEqual([{ name: 'y', shape: ['N', 1] }]);
    expect(model?.graph.nodes).toMatchObject([
      { op: 'Softmax', domain: '', inputs: ['x'], outputs: ['p'] },
      { op: 'ReduceSum', inputs: ['p', 'axes'], outputs: ['y'] },
    ]);
    expect(model?.graph.nodes[0]?.attributes).toEqual(new Map([['axis', { int: -1 }]]));
    expect(model?.graph.nodes[1]?.attributes).toEqual(
      new Map([
        ['note', { text: 'text' }],
        ['list', { ints: [1, -2, 3] }],
      ]),
    );
    expect(model?.graph.initializers).toEqual([
      { name: 'axes', shape: [2], integers: [-1, 2 ** 40] },
      { name: 'w', shape: [2, 2], integers: undefined },
    ]);
  });

  it('has the bodies of its loops', () => {
    const model = readOnnxGraph(slow({ iterations: 3 }));
    const loop = model?.graph.nodes.find(({ op }) => op === 'Loop');
    const body = loop?.attributes.get('body')?.graph;
    expect(body?.nodes.map(({ op }) => op)).toEqual(['Identity', 'MatMul']);
    expect(body?.inputs.map(({ name }) => name)).toEqual(['turn', 'going', 'before']);
  });

  it('has the operators that the model defines itself', () => {
    const node = new ProtobufWriter()
      .string(1, 'a')
      .string(2, 'b')
      .string(4, 'Softmax')
      .message(5, new ProtobufWriter().string(1, 'axis').string(21, 'over'));
    const own = new ProtobufWriter()
      .string(1, 'Mine')
      .string(4, 'a')
      .string(5, 'b')
      .message(7, node)
      .message(9, new ProtobufWriter().string(1, '').varint(2, 17))
      .string(10, 'com.example');
    const model = new ProtobufWriter()
      .message(7, new ProtobufWriter().string(2, 'g'))
      .message(25, own);
    const read = readOnnxGraph(model.finish())?.functions.get('com.example:Mine');
    expect(read).toMatchObject({ inputs: ['a'], outputs: ['b'], opsets: new Map([['', 17]]) });
    expect(read?.nodes[0]?.attributes).toEqual(new Map([['axis', { reference: 'over' }]]));
  });

  it('keeps nothing of the file: weights are passed over', () => {
    const floats = Array.from({ length: 100_000 }, (_, i) => i);
    const bytes = encodeModel({
      graph: {
        name: 'g',
        inputs: [],
        outputs: [],
        nodes: [{ op: 'Big', inputs: [], outputs: ['y'], attributes: { large: { ints: floats } } }],
      },
    });
    expect(readOnnxGraph(bytes)?.graph.nodes[0]?.attributes).toEqual(new Map([['large', {}]]));
  });

  it('is none where the file is cut off or something else', () => {
    const whole = identity({ type: 'float32' });
    expect(readOnnxGraph(whole.subarray(0, whole.length - 3))).toBeUndefined();
    expect(readOnnxGraph(new TextEncoder().encode('PAR1 and more text'))).toBeUndefined();
  });
});
