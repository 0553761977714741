import { type AttributeSpec, encodeModel, type NodeSpec } from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import { cutTexts, type TextCut } from './cut-texts.js';
import { readGraph } from './read-graph.js';

const ML = 'ai.onnx.ml';
const CATS = { cats_strings: { strings: ['x', 'y'] }, zeros: { int: 1 } };
const node = (
  op: string,
  inputs: string[],
  output: string,
  attributes: Record<string, AttributeSpec> = {},
  domain = '',
): NodeSpec => ({ op, domain, inputs, outputs: [output], attributes });

/** Cuts a graph of the texts `a` and `b` and the number `n`. */
function cut(nodes: NodeSpec[], output = 'y'): TextCut | undefined {
  const model = encodeModel({
    graph: {
      name: 'texts',
      inputs: [
        { name: 'a', type: 'string', shape: ['N', 1] },
        { name: 'b', type: 'string', shape: ['N', 1] },
        { name: 'n', type: 'float32', shape: ['N', 1] },
      ],
      outputs: [{ name: output, type: 'float32', shape: ['N', 'K'] }],
      nodes,
      initializers: [{ name: 'shape', type: 'int64', shape: [2], data: BigInt64Array.of(-1n, 2n) }],
    },
  });
  return cutTexts(readGraph(model), ['a', 'b'], [output]);
}

const encode = (input: string, output: string): NodeSpec[] => [
  node('OneHotEncoder', [input], `${output}_raw`, CATS, ML),
  node('Reshape', [`${output}_raw`, 'shape'], output),
];

describe('a model is cut behind the encoders of its texts', () => {
  it('as far as one text alone decides, value by value', () => {
    const made = cut([
      ...encode('a', 'a1'),
      ...encode('b', 'b1'),
      node('Concat', ['a1', 'b1', 'n'], 'y', { axis: { int: 1 } }),
    ]);
    expect(made?.encoders.outputs.toSorted()).toEqual(['a1', 'b1']);
    expect(made?.rest.inputs.toSorted()).toEqual(['a1', 'b1', 'n']);
    expect(made?.madeOf.get('b1')).toBe('b');
    expect(made?.known.get('a')).toEqual(['x', 'y']);
  });

  it('and leaves in the rest what is made of two texts', () => {
    const made = cut([
      ...encode('a', 'a1'),
      node('StringConcat', ['a', 'b'], 'ab'),
      ...encode('ab', 'ab1'),
      node('Concat', ['a1', 'ab1'], 'y', { axis: { int: 1 } }),
    ]);
    expect(made?.encoders.inputs).toEqual(['a']);
    expect(made?.rest.inputs.toSorted()).toEqual(['a', 'a1', 'b']);
  });

  it('not before an output of the model, which must be made by the rest', () => {
    const made = cut(encode('a', 'y'));
    expect(made?.encoders.outputs).toEqual(['y_raw']);
    expect(made?.rest.outputs).toEqual(['y']);
  });

  it('and not at all where no text has an encoder', () => {
    expect(cut([node('TfIdfVectorizer', ['a'], 'y')])).toBeUndefined();
    const labels = node('LabelEncoder', ['a'], 'a1', { keys_tensor: { ints: [] } }, ML);
    expect(cut([labels, node('Cast', ['a1'], 'y', { to: { int: 1 } })])).toBeUndefined();
  });
});
