import {
  type AttributeSpec,
  createRandom,
  encodeModel,
  type OutputSpec,
  type Random,
} from '@shardmill/test-kit';

/** A model of one ensemble, and rows for it. */
export interface EnsembleCase {
  readonly model: Uint8Array;
  readonly width: number;
  readonly rows: number;
  readonly values: Float32Array;
  readonly outputs: readonly string[];
  /** What it is, for the message of a test that fails. */
  readonly description: string;
}

export interface EnsembleOptions {
  readonly operator: 'TreeEnsembleClassifier' | 'TreeEnsembleRegressor' | 'TreeEnsemble';
  readonly trees: number;
  readonly features: number;
  readonly targets: number;
  readonly maxDepth: number;
  /** Probability of a node below the depth to be a leaf. */
  readonly leafShare: number;
  readonly modes: readonly string[];
  readonly missing: 'none' | 'some' | 'all';
  readonly post: string;
  readonly aggregate: string;
  readonly base: number;
  readonly labels: 'int64' | 'odd int64' | 'string';
  /** Which targets leaves have weights for. */
  readonly weights: 'all' | 'one' | 'by tree' | 'first' | 'second' | 'none or one';
  readonly positive: boolean;
  readonly special: boolean;
  readonly asTensors: boolean;
  readonly rows: number;
  /** Thresholds one after the other; drawn where left out. */
  readonly thresholds?: () => number;
}

const MODES = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT'];
const SPECIAL = [
  0,
  -0,
  2 ** -149,
  -(2 ** -149),
  1e-40,
  Infinity,
  -Infinity,
  NaN,
  3e38,
  -3e38,
  1e-30,
];

/** Options that go together; those that are given stand. */
function drawOptions(random: Random, given: Partial<EnsembleOptions>): EnsembleOptions {
  const pick = <T>(values: readonly T[]): T => {
    const [value] = values.slice(random.integer(values.length));
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  };
  const drawnOperator = pick([
    'TreeEnsembleClassifier',
    'TreeEnsembleRegressor',
    'TreeEnsembleClassifier',
    'TreeEnsembleRegressor',
    'TreeEnsemble',
  ] as const);
  const operator = given.operator ?? drawnOperator;
  const classifier = operator === 'TreeEnsembleClassifier';
  const drawnTargets = classifier ? pick([2, 2, 3, 5]) : pick([1, 1, 2, 4]);
  const targets = given.targets ?? drawnTargets;
  return {
    operator,
    trees: pick([1, 2, 7, 8, 9, 20, 33]),
    features: pick([1, 2, 5, 12]),
    targets,
    maxDepth: pick([0, 1, 3, 6, 8, 10]),
    leafShare: pick([0, 0.1, 0.3, 0.6]),
    modes: pick([MODES, ['BRANCH_LEQ'], ['BRANCH_LT'], ['BRANCH_GTE'], ['BRANCH_GT']]),
    missing: pick(['none', 'some', 'all'] as const),
    post: pick(['NONE', 'NONE', 'LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO']),
    aggregate: pick(['SUM', 'AVERAGE']),
    base: classifier && targets === 2 ? pick([0, 1, 2]) : pick([0, targets]),
    labels: pick(['int64', 'odd int64', 'string'] as const),
    weights: pick(weightsFor(operator, targets)),
    positive: random.uniform() < 0.4,
    special: random.uniform() < 0.5,
    asTensors: random.uniform() < 0.2,
    rows: pick([1, 2, 5, 127, 128, 129, 400, 511, 512, 513, 1100]),
    ...given,
  };
}

function weightsFor(
  operator: EnsembleOptions['operator'],
  targets: number,
): readonly EnsembleOptions['weights'][] {
  switch (operator) {
    case 'TreeEnsemble':
      return ['one'];
    case 'TreeEnsembleRegressor':
      return ['all', 'one', 'by tree'];
    case 'TreeEnsembleClassifier':
      return targets === 2 ? ['all', 'first', 'second'] : ['all', 'by tree'];
    default:
      return operator satisfies never;
  }
}

/** An ensemble that ONNX Runtime scores, drawn by its seed alone, and rows for it. */
export function drawCase(seed: number, given: Partial<EnsembleOptions> = {}): EnsembleCase {
  const random = createRandom(seed);
  const options = drawOptions(random, given);
  const pool = Float32Array.from({ length: 40 }, () => random.normal());
  const draw = (): number => {
    if (options.special && random.uniform() < 0.1) {
      return SPECIAL[random.integer(SPECIAL.length)] ?? 0;
    }
    if (random.uniform() < 0.5) return pool[random.integer(pool.length)] ?? 0;
    return Math.fround(random.normal());
  };
  const trees = Array.from({ length: options.trees }, (_, id) =>
    drawTree(id, options, random, draw),
  );
  const { rows, features } = options;
  const values = Float32Array.from({ length: rows * features }, draw);
  if (options.missing !== 'none' || options.special) {
    for (let i = 0; i < values.length; i++) if (random.uniform() < 0.05) values[i] = NaN;
  }
  return {
    model: encodeEnsemble(trees, options, random),
    width: features,
    rows,
    values,
    outputs: options.operator === 'TreeEnsembleClassifier' ? ['label', 'scores'] : ['scores'],
    description: `seed ${seed}: ${JSON.stringify(options)}`,
  };
}

interface DrawnNode {
  readonly id: number;
  readonly mode: string;
  readonly feature: number;
  readonly threshold: number;
  readonly missing: number;
  whenTrue: number;
  whenFalse: number;
  readonly weights: readonly { readonly target: number; readonly weight: number }[];
}

function drawTree(
  tree: number,
  options: EnsembleOptions,
  random: Random,
  draw: () => number,
): DrawnNode[] {
  const nodes: DrawnNode[] = [];
  const grow = (depth: number): number => {
    const id = nodes.length;
    const leaf = depth >= options.maxDepth || (depth > 0 && random.uniform() < options.leafShare);
    const node: DrawnNode = {
      id,
      mode: leaf ? 'LEAF' : (options.modes[random.integer(options.modes.length)] ?? 'BRANCH_LEQ'),
      feature: leaf ? 0 : random.integer(options.features),
      threshold: (leaf ? draw : (options.thresholds ?? draw))(),
      missing: options.missing === 'all' || random.uniform() < 0.5 ? 1 : 0,
      whenTrue: 0,
      whenFalse: 0,
      weights: leaf ? drawWeights(tree, options, random) : [],
    };
    nodes.push(node);
    if (leaf) return id;
    // ONNX Runtime takes either child first.
    if (random.uniform() < 0.5) {
      node.whenTrue = grow(depth + 1);
      node.whenFalse = grow(depth + 1);
    } else {
      node.whenFalse = grow(depth + 1);
      node.whenTrue = grow(depth + 1);
    }
    return id;
  };
  grow(0);
  return nodes;
}

function drawWeights(
  tree: number,
  { targets, weights, positive }: EnsembleOptions,
  random: Random,
): DrawnNode['weights'] {
  const weight = (): number => Math.fround(positive ? random.uniform() * 0.1 : random.normal());
  switch (weights) {
    case 'all':
      return Array.from({ length: targets }, (_, target) => ({ target, weight: weight() }));
    case 'by tree':
      return [{ target: tree % targets, weight: weight() }];
    case 'first':
      return [{ target: 0, weight: weight() }];
    case 'second':
      return [{ target: 1, weight: weight() }];
    case 'none or one':
      return random.uniform() < 0.3 ? [] : [{ target: 0, weight: weight() }];
    case 'one':
      return [{ target: random.integer(targets), weight: weight() }];
    default:
      return weights satisfies never;
  }
}

function encodeEnsemble(
  trees: readonly DrawnNode[][],
  options: EnsembleOptions,
  random: Random,
): Uint8Array {
  const { operator } = options;
  const base = Float32Array.from({ length: options.base }, () => random.normal());
  const attributes =
    operator === 'TreeEnsemble'
      ? version5(trees, options)
      : parallelLists(trees, options, [...base]);
  const classifier = operator === 'TreeEnsembleClassifier';
  const scores: OutputSpec = { name: 'scores', type: 'float32', shape: ['N', options.targets] };
  const labelType = options.labels === 'string' ? 'string' : 'int64';
  const label: OutputSpec = { name: 'label', type: labelType, shape: ['N'] };
  return encodeModel({
    opset: { '': 17, 'ai.onnx.ml': operator === 'TreeEnsemble' ? 5 : 3 },
    graph: {
      name: 'ensemble',
      inputs: [{ name: 'x', type: 'float32', shape: ['N', options.features] }],
      outputs: classifier ? [label, scores] : [scores],
      nodes: [
        {
          op: operator,
          domain: 'ai.onnx.ml',
          inputs: ['x'],
          outputs: classifier ? ['label', 'scores'] : ['scores'],
          attributes,
        },
      ],
    },
  });
}

type AttributeMap = Record<string, AttributeSpec>;

function parallelLists(
  trees: readonly DrawnNode[][],
  options: EnsembleOptions,
  base: readonly number[],
): AttributeMap {
  const nodes = trees.flatMap((tree, treeId) => tree.map((node) => ({ treeId, ...node })));
  const weights = nodes.flatMap(({ treeId, id, weights: of }) =>
    of.map(({ target, weight }) => ({ treeId, id, target, weight })),
  );
  const classifier = options.operator === 'TreeEnsembleClassifier';
  const prefix = classifier ? 'class' : 'target';
  const floats = (name: string, values: readonly number[]): AttributeMap =>
    options.asTensors && values.length > 0
      ? { [`${name}_as_tensor`]: { tensor: floatTensor(values) } }
      : { [name]: { floats: values } };
  return {
    nodes_treeids: { ints: nodes.map(({ treeId }) => treeId) },
    nodes_nodeids: { ints: nodes.map(({ id }) => id) },
    nodes_modes: { strings: nodes.map(({ mode }) => mode) },
    nodes_featureids: { ints: nodes.map(({ feature }) => feature) },
    ...floats(
      'nodes_values',
      nodes.map(({ threshold }) => threshold),
    ),
    nodes_truenodeids: { ints: nodes.map(({ whenTrue }) => whenTrue) },
    nodes_falsenodeids: { ints: nodes.map(({ whenFalse }) => whenFalse) },
    ...(options.missing === 'none'
      ? {}
      : { nodes_missing_value_tracks_true: { ints: nodes.map(({ missing }) => missing) } }),
    [`${prefix}_treeids`]: { ints: weights.map(({ treeId }) => treeId) },
    [`${prefix}_nodeids`]: { ints: weights.map(({ id }) => id) },
    [`${prefix}_ids`]: { ints: weights.map(({ target }) => target) },
    ...floats(
      `${prefix}_weights`,
      weights.map(({ weight }) => weight),
    ),
    ...(base.length > 0 ? floats('base_values', base) : {}),
    post_transform: { string: options.post },
    ...(classifier
      ? labelAttributes(options)
      : {
          n_targets: { int: options.targets },
          aggregate_function: { string: options.aggregate },
        }),
  };
}

function labelAttributes({ labels, targets }: EnsembleOptions): AttributeMap {
  const numbers = Array.from({ length: targets }, (_, i) => i);
  if (labels === 'string') {
    return { classlabels_strings: { strings: numbers.map((i) => `class ${i}`) } };
  }
  return { classlabels_int64s: { ints: numbers.map((i) => (labels === 'int64' ? i : 7 - 3 * i)) } };
}

function floatTensor(values: readonly number[]) {
  return { type: 'float32', shape: [values.length], data: Float32Array.from(values) } as const;
}

const MODE_NUMBERS: Readonly<Record<string, number>> = {
  BRANCH_LEQ: 0,
  BRANCH_LT: 1,
  BRANCH_GTE: 2,
  BRANCH_GT: 3,
};
const POST_NUMBERS = ['NONE', 'SOFTMAX', 'LOGISTIC', 'SOFTMAX_ZERO'];

function version5(trees: readonly DrawnNode[][], options: EnsembleOptions): AttributeMap {
  const inner: { node: DrawnNode; yes: number; yesLeaf: number; no: number; noLeaf: number }[] = [];
  const leaves: { target: number; weight: number }[] = [];
  const roots: number[] = [];
  for (const tree of trees) {
    const places = tree.map((node) => {
      if (node.mode !== 'LEAF')
        return inner.push({ node, yes: 0, yesLeaf: 0, no: 0, noLeaf: 0 }) - 1;
      return leaves.push(node.weights[0] ?? { target: 0, weight: 0 }) - 1;
    });
    for (const [i, node] of tree.entries()) {
      const entry = inner[places[i] ?? 0];
      if (node.mode === 'LEAF' || entry === undefined) continue;
      entry.yes = places[node.whenTrue] ?? 0;
      entry.no = places[node.whenFalse] ?? 0;
      entry.yesLeaf = tree[node.whenTrue]?.mode === 'LEAF' ? 1 : 0;
      entry.noLeaf = tree[node.whenFalse]?.mode === 'LEAF' ? 1 : 0;
    }
    const [root] = tree;
    const leaf = places[0] ?? 0;
    roots.push(
      root?.mode === 'LEAF'
        ? inner.push({ node: root, yes: leaf, yesLeaf: 1, no: leaf, noLeaf: 1 }) - 1
        : leaf,
    );
  }
  const modes = inner.map(({ node }) => MODE_NUMBERS[node.mode] ?? 0);
  return {
    n_targets: { int: options.targets },
    aggregate_function: { int: options.aggregate === 'AVERAGE' ? 0 : 1 },
    post_transform: { int: POST_NUMBERS.indexOf(options.post) },
    tree_roots: { ints: roots },
    nodes_modes: { tensor: { type: 'uint8', shape: [modes.length], data: Uint8Array.from(modes) } },
    nodes_featureids: { ints: inner.map(({ node }) => node.feature) },
    nodes_splits: { tensor: floatTensor(inner.map(({ node }) => node.threshold)) },
    nodes_truenodeids: { ints: inner.map(({ yes }) => yes) },
    nodes_trueleafs: { ints: inner.map(({ yesLeaf }) => yesLeaf) },
    nodes_falsenodeids: { ints: inner.map(({ no }) => no) },
    nodes_falseleafs: { ints: inner.map(({ noLeaf }) => noLeaf) },
    ...(options.missing === 'none'
      ? {}
      : { nodes_missing_value_tracks_true: { ints: inner.map(({ node }) => node.missing) } }),
    leaf_targetids: { ints: leaves.map(({ target }) => target) },
    leaf_weights: { tensor: floatTensor(leaves.map(({ weight }) => weight)) },
  };
}
