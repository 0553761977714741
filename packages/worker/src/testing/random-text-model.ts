import type { TensorInfo } from '@shardmill/core';
import { type AttributeSpec, encodeModel, type NodeSpec, type Random } from '@shardmill/test-kit';

/** Texts that are like each other, and some that are hard. */
export const TEXTS = [
  '',
  ' ',
  'a',
  'A',
  'b',
  '1',
  '1.0',
  '01',
  'null',
  'NaN',
  "it's",
  'exactly 12 B',
  'exactly 13 By',
  'Electronic check, the first of two',
  'Electronic check, the second of two',
  'é',
  'e\u0301',
  '日本語の長い文字列です',
  '🦊',
  '\u{FEFF}a',
  'line\nbreak',
  'x'.repeat(5000),
  `${'x'.repeat(5000)}y`,
];

/** Any of those, or one that is in no category. */
export function drawText(random: Random): string {
  const place = random.integer(TEXTS.length + 4);
  return TEXTS[place] ?? `unseen ${random.integer(50)}`;
}

export interface TextModel {
  readonly model: Uint8Array;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: TensorInfo[];
}

/** Two texts that are put together before they are encoded: no encoder names one of them. */
export function pairModel(): TextModel {
  const keys = TEXTS.flatMap((one, i) => TEXTS.slice(i % 3).map((other) => `${one}${other}`));
  const known = [...new Set(keys)];
  const inputs = ['t0', 't1'].map(
    (name): TensorInfo => ({ name, type: 'string', shape: ['N', 1] }),
  );
  const outputs: TensorInfo[] = [{ name: 'y', type: 'float32', shape: ['N', 1] }];
  const attributes = {
    keys_strings: { strings: known },
    values_floats: { floats: known.map((_, i) => i) },
    default_float: { float: -1 },
  };
  const nodes = [
    node('StringConcat', ['t0', 't1'], 'pair'),
    node('LabelEncoder', ['pair'], 'y', attributes, ML),
  ];
  const graph = { name: 'pairs', inputs, outputs, nodes };
  return {
    inputs,
    outputs,
    model: encodeModel({ opset: { '': 20, [ML]: 3 }, irVersion: 9, graph }),
  };
}

interface Encoded {
  readonly nodes: NodeSpec[];
  readonly output: string;
  readonly width: number;
}

const ML = 'ai.onnx.ml';
const node = (
  op: string,
  inputs: string[],
  output: string,
  attributes: Record<string, AttributeSpec> = {},
  domain = '',
): NodeSpec => ({ op, domain, inputs, outputs: [output], attributes });

export const TEXT_MODEL_ENDS = ['numbers', 'trees', 'both', 'nothing'] as const;

/**
 * A model with a number and some texts, each with an encoder of a random kind, and groups of texts that are
 * put together before they are encoded.
 * @param end what is made of all that the encoders make: `both` has two outputs, of which one is made by
 * an encoder alone, and `nothing` no other one.
 */
export function drawTextModel(random: Random, end: (typeof TEXT_MODEL_ENDS)[number]): TextModel {
  const names = Array.from({ length: 1 + random.integer(4) }, (_, i) => `t${i}`);
  const groups = names.length === 1 ? 0 : random.integer(4);
  const encoded = [
    ...names.map((name) => drawEncoder(random, name, () => drawText(random))),
    ...Array.from({ length: groups }, (_, i) => drawGroup(random, `g${i}`, names)),
  ];
  const width = 1 + encoded.reduce((sum, one) => sum + one.width, 0);
  const pieces = ['x', ...encoded.map(({ output }) => output)].toSorted(
    () => random.uniform() - 0.5,
  );
  const all = node('Concat', pieces, 'all', { axis: { int: random.integer(2) === 0 ? 1 : -1 } });
  const last = end === 'numbers' ? node('Add', ['all', 'zero'], 'y') : stumps(random, width);
  // What is drawn last is made of a group where there is one.
  const direct = encoded.at(-1);
  const inputs: TensorInfo[] = [
    { name: 'x', type: 'float32', shape: ['N', 1] },
    ...names.map((name): TensorInfo => ({ name, type: 'string', shape: ['N', 1] })),
  ];
  const made: TensorInfo = {
    name: 'y',
    type: 'float32',
    shape: ['N', end === 'numbers' ? width : 1],
  };
  const own: TensorInfo = {
    name: direct?.output ?? '',
    type: 'float32',
    shape: ['N', direct?.width ?? 0],
  };
  const outputs = [...(end === 'nothing' ? [] : [made]), ...(DIRECT.has(end) ? [own] : [])];
  return {
    inputs,
    outputs,
    model: encodeModel({
      // From 20 on, texts are put together.
      opset: { '': 20, [ML]: 3 },
      irVersion: 9,
      graph: {
        name: 'texts',
        inputs,
        outputs,
        nodes: [
          ...encoded.flatMap(({ nodes }) => nodes),
          ...(end === 'nothing' ? [] : [all, last]),
        ],
        initializers: [
          { name: 'zero', type: 'float32', shape: [1], data: Float32Array.of(0) },
          { name: 'matrix', type: 'int64', shape: [2], data: BigInt64Array.of(-1n, 1n) },
          { name: 'one_text', type: 'string', shape: [1], data: [drawText(random)] },
          ...encoded.map(({ output, width: columns }) => ({
            name: `${output}_shape`,
            type: 'int64' as const,
            shape: [2],
            data: BigInt64Array.of(-1n, BigInt(columns)),
          })),
        ],
      },
    }),
  };
}

const DIRECT: ReadonlySet<string> = new Set(['both', 'nothing']);

/** Two or three of the inputs, put together and then encoded, or compared. */
function drawGroup(random: Random, name: string, inputs: readonly string[]): Encoded {
  const one = (): string => inputs[random.integer(inputs.length)] ?? '';
  const [joined, first] = [`${name}_joined`, `${name}_first`];
  const key = (): string => `${drawText(random)}${drawText(random)}`;
  switch (random.integer(5)) {
    case 0: {
      const { nodes, ...encoded } = drawEncoder(random, joined, key);
      return { ...encoded, nodes: [node('StringConcat', [one(), one()], joined), ...nodes] };
    }
    case 1: {
      const { nodes, ...encoded } = drawEncoder(
        random,
        joined,
        () => `${key()}${drawText(random)}`,
      );
      return {
        ...encoded,
        nodes: [
          node('StringConcat', [one(), one()], first),
          node('StringConcat', [first, one()], joined),
          ...nodes,
        ],
      };
    }
    case 2: {
      const { nodes, ...encoded } = drawEncoder(random, joined, () => drawText(random));
      return {
        ...encoded,
        nodes: [
          node('Equal', [one(), 'one_text'], first),
          node('Where', [first, one(), random.integer(2) === 0 ? one() : 'one_text'], joined),
          ...nodes,
        ],
      };
    }
    case 3: {
      const { nodes, ...encoded } = drawEncoder(random, joined, key);
      return {
        ...encoded,
        nodes: [
          node('StringConcat', [one(), 'one_text'], first),
          node('StringConcat', [first, one()], joined),
          ...nodes,
        ],
      };
    }
    default: {
      const nodes = [
        node('Equal', [one(), one()], joined),
        node('Cast', [joined], name, { to: { int: 1 } }),
      ];
      return { nodes, output: name, width: 1 };
    }
  }
}

/** @param drawKey a text that the encoder names */
function drawEncoder(random: Random, name: string, drawKey: () => string): Encoded {
  const keys = [...new Set(Array.from({ length: 1 + random.integer(8) }, drawKey))];
  const output = `${name}_numbers`;
  const [raw, mapped] = [`${name}_raw`, `${name}_mapped`];
  const cast = node('Cast', [raw], output, { to: { int: 1 } });
  const oneHot = (from: string, cats: readonly string[]): NodeSpec[] => [
    node('OneHotEncoder', [from], raw, { cats_strings: { strings: cats }, zeros: { int: 1 } }, ML),
    node('Reshape', [raw, `${output}_shape`], output),
  ];
  switch (random.integer(6)) {
    case 0:
      return { nodes: oneHot(name, keys), output, width: keys.length };
    case 1: {
      const attributes = {
        keys_strings: { strings: keys },
        values_int64s: { ints: keys.map(() => random.integer(1000) - 500) },
        default_int64: { int: -1 },
      };
      return { nodes: [node('LabelEncoder', [name], raw, attributes, ML), cast], output, width: 1 };
    }
    case 2: {
      const attributes = {
        keys_strings: { strings: keys },
        values_floats: { floats: keys.map(() => random.normal()) },
        default_float: { float: Number.NaN },
      };
      return { nodes: [node('LabelEncoder', [name], output, attributes, ML)], output, width: 1 };
    }
    case 3: {
      const values = keys.map(() => drawText(random));
      const cats = [...new Set([...values, 'other'])];
      const attributes = {
        keys_strings: { strings: keys },
        values_strings: { strings: values },
        default_string: { string: 'other' },
      };
      const mapping = node('LabelEncoder', [name], mapped, attributes, ML);
      return { nodes: [mapping, ...oneHot(mapped, cats)], output, width: cats.length };
    }
    case 4: {
      const attributes = {
        cats_strings: { strings: keys },
        cats_int64s: { ints: keys.map((_, i) => i * 3) },
        default_int64: { int: -7 },
      };
      return {
        nodes: [node('CategoryMapper', [name], raw, attributes, ML), cast],
        output,
        width: 1,
      };
    }
    default:
      return { nodes: [node('Equal', [name, 'one_text'], raw), cast], output, width: 1 };
  }
}

/** A tree of one split for each column; most mistakes change the sum. */
function stumps(random: Random, width: number): NodeSpec {
  const trees = Array.from({ length: width }, (_, i) => i);
  const ints = (values: number[]): AttributeSpec => ({ ints: values });
  const each = (...values: number[]): AttributeSpec => ints(trees.flatMap(() => values));
  return node(
    'TreeEnsembleRegressor',
    ['all'],
    'y',
    {
      n_targets: { int: 1 },
      nodes_treeids: ints(trees.flatMap((tree) => [tree, tree, tree])),
      nodes_nodeids: each(0, 1, 2),
      nodes_modes: { strings: trees.flatMap(() => ['BRANCH_LEQ', 'LEAF', 'LEAF']) },
      nodes_featureids: ints(trees.flatMap((tree) => [tree, 0, 0])),
      nodes_values: { floats: trees.flatMap(() => [random.normal(), 0, 0]) },
      nodes_truenodeids: each(1, 0, 0),
      nodes_falsenodeids: each(2, 0, 0),
      target_treeids: ints(trees.flatMap((tree) => [tree, tree])),
      target_nodeids: each(1, 2),
      target_ids: each(0, 0),
      target_weights: { floats: trees.flatMap(() => [random.normal(), random.normal()]) },
    },
    ML,
  );
}
