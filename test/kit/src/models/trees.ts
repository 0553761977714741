import { encodeModel } from '../onnx-encode.js';
import type { AttributeSpec } from '../onnx-types.js';
import { createRandom, normals } from '../random.js';
import { featuresInput, scoreOutput } from './values.js';

/** Options of {@link boostedTrees} and {@link drawForest}; those left out are as there stated. */
export interface ForestOptions {
  /** Width F of the input rows; 30 when left out. */
  readonly features?: number;
  /** 300 when left out. */
  readonly trees?: number;
  /** Decisions from root to leaf; 6 when left out, which makes 63 branches and 64 leaves a tree. */
  readonly depth?: number;
  readonly seed?: number;
}

/**
 * A complete binary tree in heap order: the branches are nodes 0 to B-1, the leaves nodes B to 2B,
 * and node i's children are 2i+1 (feature <= threshold) and 2i+2 (otherwise).
 */
export interface Tree {
  /** For each branch, the index of the feature it looks at. */
  readonly features: Int32Array;
  /** For each branch, its threshold. */
  readonly thresholds: Float32Array;
  /** For each leaf, what it adds to the row's sum. */
  readonly leaves: Float32Array;
}

/**
 * The trees that {@link boostedTrees} builds in for the same options.
 *
 * Thresholds are standard normal. Rows of standard normal features so branch evenly; rows uniform
 * in [0, 1) branch at a third of the nodes they meet and go one way at the rest, since 34 % of the
 * thresholds are within [0, 1). Leaf values are scaled so that a row's sum over all trees has a
 * standard deviation of about 1, which spreads the scores over (0, 1).
 */
export function drawForest(options: ForestOptions = {}): Tree[] {
  const { features = 30, trees = 300, depth = 6, seed = 1 } = options;
  const random = createRandom(seed);
  const branches = 2 ** depth - 1;
  return Array.from({ length: trees }, () => ({
    features: Int32Array.from({ length: branches }, () => random.integer(features)),
    thresholds: normals(random, branches),
    leaves: normals(random, branches + 1, 1 / Math.sqrt(trees)),
  }));
}

/** The score that {@link boostedTrees} gives one row, up to single-precision rounding. */
export function forestReference(forest: readonly Tree[], row: ArrayLike<number>): number {
  const sum = forest.reduce((total, tree) => total + treeValue(tree, row), 0);
  return 1 / (1 + Math.exp(-sum));
}

function treeValue(tree: Tree, row: ArrayLike<number>): number {
  const branches = tree.features.length;
  let node = 0;
  while (node < branches) {
    const value = Math.fround(row[tree.features[node] ?? 0] ?? 0);
    node = value <= (tree.thresholds[node] ?? 0) ? 2 * node + 1 : 2 * node + 2;
  }
  return tree.leaves[node - branches] ?? 0;
}

/**
 * Gradient-boosted trees: a TreeEnsembleRegressor (ai.onnx.ml) of complete binary trees, then
 * Sigmoid. {@link drawForest} says how the trees are drawn.
 *
 * Input `features` float32 [N, F]; output `score` float32 [N, 1].
 */
export function boostedTrees(options: ForestOptions = {}): Uint8Array {
  return encodeModel({
    graph: {
      name: 'boosted_trees',
      inputs: [featuresInput(options.features ?? 30)],
      outputs: [scoreOutput()],
      nodes: [
        {
          op: 'TreeEnsembleRegressor',
          domain: 'ai.onnx.ml',
          inputs: ['features'],
          outputs: ['sum'],
          attributes: ensembleAttributes(drawForest(options)),
        },
        { op: 'Sigmoid', inputs: ['sum'], outputs: ['score'] },
      ],
    },
  });
}

/** The ensemble as parallel lists, one entry a node (`nodes_*`) or a leaf (`target_*`). */
function ensembleAttributes(forest: readonly Tree[]): Record<string, AttributeSpec> {
  const nodes = forest.flatMap((tree, treeId) => treeNodes(tree, treeId));
  const leaves = nodes.filter((node) => node.mode === 'LEAF');
  return {
    n_targets: { int: 1 },
    aggregate_function: { string: 'SUM' },
    post_transform: { string: 'NONE' },
    nodes_treeids: { ints: nodes.map((node) => node.treeId) },
    nodes_nodeids: { ints: nodes.map((node) => node.nodeId) },
    nodes_modes: { strings: nodes.map((node) => node.mode) },
    nodes_featureids: { ints: nodes.map((node) => node.feature) },
    nodes_values: { floats: nodes.map((node) => node.threshold) },
    nodes_truenodeids: { ints: nodes.map((node) => node.whenTrue) },
    nodes_falsenodeids: { ints: nodes.map((node) => node.whenFalse) },
    target_treeids: { ints: leaves.map((node) => node.treeId) },
    target_nodeids: { ints: leaves.map((node) => node.nodeId) },
    target_ids: { ints: leaves.map(() => 0) },
    target_weights: { floats: leaves.map((node) => node.weight) },
  };
}

interface FlatNode {
  readonly treeId: number;
  readonly nodeId: number;
  readonly mode: 'BRANCH_LEQ' | 'LEAF';
  readonly feature: number;
  readonly threshold: number;
  readonly whenTrue: number;
  readonly whenFalse: number;
  readonly weight: number;
}

/** A tree's nodes in heap order; the fields that a node's mode has no use for are 0. */
function treeNodes(tree: Tree, treeId: number): FlatNode[] {
  const branches = Array.from(tree.thresholds, (threshold, nodeId): FlatNode => {
    const feature = tree.features[nodeId] ?? 0;
    const children = { whenTrue: 2 * nodeId + 1, whenFalse: 2 * nodeId + 2 };
    return { treeId, nodeId, mode: 'BRANCH_LEQ', feature, threshold, ...children, weight: 0 };
  });
  const none = { feature: 0, threshold: 0, whenTrue: 0, whenFalse: 0 };
  const leaves = Array.from(tree.leaves, (weight, index): FlatNode => {
    return { treeId, nodeId: branches.length + index, mode: 'LEAF', ...none, weight };
  });
  return [...branches, ...leaves];
}
