import {
  type AttributeSpec,
  encodeModel,
  type NodeSpec,
  type TensorValueSpec,
} from '@shardmill/test-kit';
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

/** Cuts a graph of the texts `a`, `b`, `c` and `flat`, which has another shape, and the number `n`. */
function cut(nodes: NodeSpec[], outputs = ['y']): TextCut | undefined {
  const text = (name: string, ...shape: (string | number)[]): TensorValueSpec => ({
    name,
    type: 'string',
    shape,
  });
  const model = encodeModel({
    graph: {
      name: 'texts',
      inputs: [
        text('a', 'N', 1),
        text('b', 'N', 1),
        text('c', 'N', 1),
        text('flat', 'N'),
        { name: 'n', type: 'float32', shape: ['N', 1] },
      ],
      outputs: outputs.map((name) => ({ name, type: 'float32', shape: ['N', 'K'] })),
      nodes,
      initializers: [
        { name: 'shape', type: 'int64', shape: [2], data: BigInt64Array.of(-1n, 2n) },
        { name: 'column', type: 'int64', shape: [2], data: BigInt64Array.of(-1n, 1n) },
        { name: 'row', type: 'int64', shape: [2], data: BigInt64Array.of(1n, -1n) },
        { name: 'one', type: 'string', shape: [1], data: ['x'] },
        { name: 'two', type: 'string', shape: [2], data: ['x', 'y'] },
      ],
    },
  });
  const texts = ['a', 'b', 'c'].map((name) => ({ name, rank: 2 }));
  return cutTexts(readGraph(model), [...texts, { name: 'flat', rank: 1 }], outputs);
}

const encode = (input: string, output: string): NodeSpec[] => [
  node('OneHotEncoder', [input], `${output}_raw`, CATS, ML),
  node('Reshape', [`${output}_raw`, 'shape'], output),
];

/** The inputs that tensors are made of, by their names. */
function madeOf(made: TextCut | undefined): Record<string, readonly string[]> {
  const entries = made?.encoders.flatMap(({ inputs, part }) => {
    expect(part.inputs.toSorted()).toEqual([...inputs].toSorted());
    return part.outputs.map((name) => [name, inputs] as const);
  });
  return Object.fromEntries(entries ?? []);
}

describe('a model is cut behind the encoders of its texts', () => {
  it('as far as one text alone decides, value by value', () => {
    const made = cut([
      ...encode('a', 'a1'),
      ...encode('b', 'b1'),
      node('Concat', ['a1', 'b1', 'n'], 'y', { axis: { int: 1 } }),
    ]);
    expect(madeOf(made)).toEqual({ a1: ['a'], b1: ['b'] });
    expect(made?.rest?.inputs.toSorted()).toEqual(['a1', 'b1', 'n']);
    expect(made?.known.get('a')).toEqual(['x', 'y']);
  });

  it('and as far as several do that are put together, row by row', () => {
    const made = cut([
      ...encode('a', 'a1'),
      node('StringConcat', ['b', 'a'], 'ba'),
      ...encode('ba', 'ba1'),
      node('Equal', ['c', 'ba'], 'same'),
      node('Cast', ['same'], 'same1', { to: { int: 1 } }),
      node('Concat', ['a1', 'ba1', 'same1'], 'y', { axis: { int: 1 } }),
    ]);
    expect(madeOf(made)).toEqual({ a1: ['a'], ba1: ['a', 'b'], same1: ['a', 'b', 'c'] });
    expect(made?.rest?.inputs.toSorted()).toEqual(['a1', 'ba1', 'same1']);
    // What is in no text by itself is no name of one.
    expect(made?.known.get('b')).toEqual([]);
  });

  it('where a text decides between others, too', () => {
    const made = cut([
      node('Equal', ['a', 'one'], 'is_x'),
      node('Where', ['is_x', 'b', 'one'], 'chosen'),
      ...encode('chosen', 'chosen1'),
      node('Concat', ['chosen1', 'n'], 'y', { axis: { int: 1 } }),
    ]);
    expect(madeOf(made)).toEqual({ chosen1: ['a', 'b'] });
  });

  it('with constants, and in another shape that is the same of both', () => {
    const made = cut([
      node('Reshape', ['flat', 'column'], 'as_column'),
      node('StringConcat', ['as_column', 'one'], 'longer'),
      node('StringConcat', ['longer', 'a'], 'joined'),
      ...encode('joined', 'joined1'),
      node('Concat', ['joined1', 'n'], 'y', { axis: { int: 1 } }),
    ]);
    expect(madeOf(made)).toEqual({ joined1: ['a', 'flat'] });
  });

  it('but numbers of several texts are not put together: that is done by the rest', () => {
    const made = cut([
      node('Equal', ['a', 'one'], 'a1'),
      node('Equal', ['b', 'one'], 'b1'),
      node('Equal', ['a1', 'b1'], 'same'),
      node('Cast', ['same'], 'y', { to: { int: 1 } }),
    ]);
    expect(madeOf(made)).toEqual({ a1: ['a'], b1: ['b'] });
    expect(made?.rest?.inputs.toSorted()).toEqual(['a1', 'b1']);
  });

  it('as far as an output of the model, which then is not made by the rest', () => {
    const made = cut([...encode('a', 'y'), node('Add', ['y', 'n'], 'z')], ['y', 'z']);
    expect(madeOf(made)).toEqual({ y: ['a'] });
    expect(made?.direct).toEqual(['y']);
    expect(made?.rest).toMatchObject({ inputs: ['y', 'n'], outputs: ['z'] });
  });

  it('and nothing may be left behind them', () => {
    const made = cut([
      node('StringConcat', ['a', 'b'], 'ab'),
      node('LabelEncoder', ['ab'], 'y', { values_floats: { floats: [1] } }, ML),
    ]);
    expect(made).toMatchObject({ direct: ['y'], rest: undefined });
  });
});

describe('a model is not cut', () => {
  it('where no text has an encoder', () => {
    expect(cut([node('TfIdfVectorizer', ['a'], 'y')])).toBeUndefined();
    const labels = node('LabelEncoder', ['a'], 'a1', { keys_tensor: { ints: [] } }, ML);
    expect(cut([labels, node('Cast', ['a1'], 'y', { to: { int: 1 } })])).toBeUndefined();
    // A text that is an output is made by the rest.
    expect(cut([node('StringConcat', ['a', 'b'], 'y')])).toBeUndefined();
  });

  const encoded = (nodes: NodeSpec[]): NodeSpec[] => [...nodes, ...encode('joined', 'y')];
  it.each<[string, NodeSpec[]]>([
    ['tensors of different shapes', [node('StringConcat', ['a', 'flat'], 'joined')]],
    [
      'a row and a column',
      [node('Reshape', ['b', 'row'], 'as_row'), node('StringConcat', ['a', 'as_row'], 'joined')],
    ],
    [
      'what is made in a shape that is not known',
      [node('Reshape', ['b', 'n'], 'other'), node('StringConcat', ['a', 'other'], 'joined')],
    ],
    [
      'what may have fewer values than there are rows',
      [
        node('StringNormalizer', ['flat'], 'normal', { stopwords: { strings: ['x'] } }),
        node('Reshape', ['normal', 'column'], 'as_column'),
        node('StringConcat', ['a', 'as_column'], 'joined'),
      ],
    ],
    ['several constants', [node('StringConcat', ['a', 'two'], 'joined')]],
    [
      'what was compared with several constants',
      [
        node('Equal', ['a', 'two'], 'are'),
        node('Cast', ['are'], 'as_texts', { to: { int: 8 } }),
        node('StringConcat', ['as_texts', 'b'], 'joined'),
      ],
    ],
    [
      'several values of each row',
      [
        node('OneHotEncoder', ['a'], 'hot', CATS, ML),
        node('Cast', ['hot'], 'as_texts', { to: { int: 8 } }),
        node('StringConcat', ['as_texts', 'b'], 'joined'),
      ],
    ],
    ['what has other inputs', [node('Where', ['n', 'a', 'b'], 'joined')]],
    ['the rows of all texts', [node('Concat', ['a', 'b'], 'joined', { axis: { int: 0 } })]],
  ])('where texts meet in %s', (_, nodes) => {
    expect(madeOf(cut(encoded(nodes)))['y']).toBeUndefined();
  });
});
