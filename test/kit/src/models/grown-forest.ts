import { encodeModel } from '../onnx-encode.js';
import type { AttributeSpec, NodeSpec } from '../onnx-types.js';
import { createRandom, normals, type Random } from '../random.js';
import { type Growth, growTree, type Quantile } from './grow-tree.js';
import { forestSum, regressorAttributes, type Tree } from './tree-nodes.js';
import { featuresInput, scoreOutput } from './values.js';

/** Options of {@link grownForest} and {@link growTrees}. */
export interface GrownForestOptions extends Growth {
  /** Width F of the input rows: the first half are standard normal, the others uniform in [0, 1). */
  readonly features: number;
  readonly trees: number;
  /**
   * `votes`: a leaf says 0 or 1, and the score is the mean of the trees, as in a random forest.
   * `steps`: leaves are standard normal by the square root of the number of trees, and the score
   * is the logistic function of their sum, as with gradient boosting.
   */
  readonly weights: 'votes' | 'steps';
  readonly seed: number;
}

/** The trees that {@link grownForest} builds in for the same options. */
export function growTrees(options: GrownForestOptions): Tree[] {
  const { features, trees, weights, seed } = options;
  const random = createRandom(seed);
  const normal = normalQuantile(random);
  const quantiles = Array.from({ length: features }, (_, index) =>
    index < features / 2 ? normal : (fraction: number) => fraction,
  );
  const weight =
    weights === 'votes'
      ? () => random.integer(2) / trees
      : () => random.normal() / Math.sqrt(trees);
  return Array.from({ length: trees }, () => growTree(options, quantiles, random, weight));
}

/**
 * Of a large sample, with values between neighbours: so there are as many different thresholds as
 * there are branches.
 */
function normalQuantile(random: Random): Quantile {
  const sample = normals(random, 2 ** 16).toSorted();
  return (fraction) => {
    const place = fraction * (sample.length - 1);
    const below = Math.floor(place);
    const [low = 0, high = low] = sample.subarray(below, below + 2);
    return low + (place - below) * (high - low);
  };
}

/** The score that {@link grownForest} gives one row, up to single-precision rounding. */
export function grownReference(
  forest: readonly Tree[],
  { weights }: Pick<GrownForestOptions, 'weights'>,
  row: ArrayLike<number>,
): number {
  const sum = forestSum(forest, row);
  return weights === 'votes' ? sum : 1 / (1 + Math.exp(-sum));
}

/**
 * A forest of trees as they are grown ({@link growTree}), not complete ones of independent
 * thresholds as of `boostedTrees`: with 16,000 leaves a tree, rows go the same way at most nodes of
 * those, processors guess it, and ONNX Runtime scores them several times as fast as trees of as
 * many leaves that were trained.
 *
 * With votes it is a TreeEnsembleRegressor (ai.onnx.ml) with the attributes that scikit-learn's
 * converter writes for a RandomForestRegressor; with steps, Sigmoid comes after it.
 *
 * Input `features` float32 [N, F]; output `score` float32 [N, 1].
 * @param forest the options' own trees, where they have been grown already
 */
export function grownForest(
  options: GrownForestOptions,
  forest: readonly Tree[] = growTrees(options),
): Uint8Array {
  const [sum, after]: [string, NodeSpec[]] =
    options.weights === 'votes'
      ? ['score', []]
      : ['sum', [{ op: 'Sigmoid', inputs: ['sum'], outputs: ['score'] }]];
  return encodeModel({
    graph: {
      name: 'grown_forest',
      inputs: [featuresInput(options.features)],
      outputs: [scoreOutput()],
      nodes: [
        {
          op: 'TreeEnsembleRegressor',
          domain: 'ai.onnx.ml',
          inputs: ['features'],
          outputs: [sum],
          attributes: converterAttributes(forest),
        },
        ...after,
      ],
    },
  });
}

/**
 * As converters write them: with the two lists that may be left out, and no list packed, which makes
 * two fifths of the file.
 */
function converterAttributes(forest: readonly Tree[]): Record<string, AttributeSpec> {
  const nodes = forest.reduce((sum, { lefts }) => sum + lefts.length, 0);
  const attributes = Object.entries<AttributeSpec>({
    ...regressorAttributes(forest),
    nodes_hitrates: { floats: new Float32Array(nodes).fill(1) },
    nodes_missing_value_tracks_true: { ints: new Int32Array(nodes) },
  });
  return Object.fromEntries(
    attributes.map(([name, value]) => [name, { ...value, packed: false } satisfies AttributeSpec]),
  );
}
