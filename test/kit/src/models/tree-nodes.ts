import type { AttributeSpec } from '../onnx-types.js';

/** A binary decision tree, its nodes side by side: node 0 is the root, and no node's child. */
export interface Tree {
  /** The index of the feature that each branch looks at; 0 for a leaf. */
  readonly features: Int32Array;
  /** The largest value that goes to the left; 0 for a leaf. */
  readonly thresholds: Float32Array;
  /** The node for `feature <= threshold`; 0 for a leaf. */
  readonly lefts: Int32Array;
  /** The node for the others; 0 for a leaf. */
  readonly rights: Int32Array;
  /** What each leaf adds to the row's sum; 0 for a branch. */
  readonly weights: Float32Array;
}

/** A tree of so many nodes, for its maker to fill in. */
export function newTree(nodes: number): Tree {
  return {
    features: new Int32Array(nodes),
    thresholds: new Float32Array(nodes),
    lefts: new Int32Array(nodes),
    rights: new Int32Array(nodes),
    weights: new Float32Array(nodes),
  };
}

/** What the trees add up to for one row, in double precision. */
export function forestSum(forest: readonly Tree[], row: ArrayLike<number>): number {
  return forest.reduce((total, tree) => total + leafWeight(tree, row), 0);
}

function leafWeight(tree: Tree, row: ArrayLike<number>): number {
  let node = 0;
  while (!isLeaf(tree, node)) {
    const value = Math.fround(row[tree.features[node] ?? 0] ?? 0);
    const children = value <= (tree.thresholds[node] ?? 0) ? tree.lefts : tree.rights;
    node = children[node] ?? 0;
  }
  return tree.weights[node] ?? 0;
}

function isLeaf(tree: Tree, node: number): boolean {
  return tree.lefts[node] === 0;
}

/**
 * The attributes of a TreeEnsembleRegressor with one target: parallel lists, one entry a node
 * (`nodes_*`) or a leaf (`target_*`).
 */
export function regressorAttributes(forest: readonly Tree[]): Record<string, AttributeSpec> {
  return {
    n_targets: { int: 1 },
    aggregate_function: { string: 'SUM' },
    post_transform: { string: 'NONE' },
    nodes_treeids: { ints: ofNodes(forest, (_, __, treeId) => treeId) },
    nodes_nodeids: { ints: ofNodes(forest, (_, node) => node) },
    nodes_modes: {
      strings: ofNodes(forest, (tree, node) => (isLeaf(tree, node) ? 'LEAF' : 'BRANCH_LEQ')),
    },
    nodes_featureids: { ints: ofNodes(forest, ({ features }, node) => features[node] ?? 0) },
    nodes_values: { floats: ofNodes(forest, ({ thresholds }, node) => thresholds[node] ?? 0) },
    nodes_truenodeids: { ints: ofNodes(forest, ({ lefts }, node) => lefts[node] ?? 0) },
    nodes_falsenodeids: { ints: ofNodes(forest, ({ rights }, node) => rights[node] ?? 0) },
    target_treeids: { ints: ofLeaves(forest, (_, __, treeId) => treeId) },
    target_nodeids: { ints: ofLeaves(forest, (_, node) => node) },
    target_ids: { ints: ofLeaves(forest, () => 0) },
    target_weights: { floats: ofLeaves(forest, ({ weights }, node) => weights[node] ?? 0) },
  };
}

/** One value for each node of each tree. */
function* ofNodes<T>(
  forest: readonly Tree[],
  value: (tree: Tree, node: number, treeId: number) => T,
): Generator<T, void> {
  for (const [treeId, tree] of forest.entries()) {
    for (let node = 0; node < tree.lefts.length; node++) yield value(tree, node, treeId);
  }
}

/** One value for each leaf of each tree. */
function* ofLeaves<T>(
  forest: readonly Tree[],
  value: (tree: Tree, node: number, treeId: number) => T,
): Generator<T, void> {
  for (const [treeId, tree] of forest.entries()) {
    for (let node = 0; node < tree.lefts.length; node++) {
      if (isLeaf(tree, node)) yield value(tree, node, treeId);
    }
  }
}
