import { encodeModel } from '../onnx-encode.js';
import { createRandom, normals } from '../random.js';
import { forestSum, newTree, regressorAttributes, type Tree } from './tree-nodes.js';
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
 * The trees that {@link boostedTrees} builds in for the same options: complete ones in heap order,
 * the branches first, then the leaves; node i's children are 2i+1 and 2i+2.
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
  return Array.from({ length: trees }, () => {
    const tree = newTree(2 * branches + 1);
    for (let node = 0; node < branches; node++) {
      tree.features[node] = random.integer(features);
      tree.lefts[node] = 2 * node + 1;
      tree.rights[node] = 2 * node + 2;
    }
    tree.thresholds.set(normals(random, branches));
    tree.weights.set(normals(random, branches + 1, 1 / Math.sqrt(trees)), branches);
    return tree;
  });
}

/** The score that {@link boostedTrees} gives one row, up to single-precision rounding. */
export function forestReference(forest: readonly Tree[], row: ArrayLike<number>): number {
  return 1 / (1 + Math.exp(-forestSum(forest, row)));
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
          attributes: regressorAttributes(drawForest(options)),
        },
        { op: 'Sigmoid', inputs: ['sum'], outputs: ['score'] },
      ],
    },
  });
}
