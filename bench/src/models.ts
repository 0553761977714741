import { writeFile } from 'node:fs/promises';
import {
  boostedTrees,
  denseReference,
  drawForest,
  forestReference,
  grownForest,
  grownReference,
  growTrees,
  logisticParameters,
  logisticReference,
  logisticRegression,
  mlp,
  mlpLayers,
} from '@shardmill/test-kit';
import { FEATURES } from './dataset.js';
import type { ModelName } from './options.js';
import { workPath } from './work-folder.js';

/** A model: input `features` float32 [N, F], output `score` float32 [N, 1]. */
export interface BenchModel {
  readonly name: ModelName;
  readonly description: string;
  /** Its ONNX file. */
  readonly path: string;
  /** The score of one row, computed in JavaScript. */
  readonly reference: (row: readonly number[]) => number;
  /** Whether ONNX Runtime is to score trees in the product, too. */
  readonly treeKernel?: 'off';
}

const LOGISTIC = { features: FEATURES.length, seed: 1 };
const MLP_OPTIONS = { layers: [FEATURES.length, 256, 256, 1], seed: 2 };
const BOOSTED = { features: FEATURES.length, trees: 300, depth: 6, seed: 3 };
/**
 * As a random forest of scikit-learn's that was grown on 95,000 noisy rows until its leaves were
 * pure: 12,700 leaves a tree, depth 34, on average 18 decisions for a row, 101 MB.
 */
const FOREST = {
  features: FEATURES.length,
  trees: 100,
  rows: 95_000,
  splitRows: 15,
  weights: 'votes',
  seed: 4,
} as const;
/** LightGBM's trees with its default of 31 leaves, and of 20 rows in a leaf. */
const LIGHTGBM = {
  features: FEATURES.length,
  trees: 500,
  rows: 95_000,
  splitRows: 40,
  leaves: 31,
  weights: 'steps',
  seed: 5,
} as const;

/** Writes a model's ONNX file. */
export async function makeModel(name: ModelName): Promise<BenchModel> {
  const { bytes, ...model } = build(name);
  const path = await workPath(`${name}.onnx`);
  await writeFile(path, bytes);
  return { ...model, name, path };
}

/** A logistic regression over the first `features` columns, for datasets of other shapes. */
export async function makeSmallModel(features: number): Promise<string> {
  const path = await workPath(`lr-${features}.onnx`);
  await writeFile(path, logisticRegression({ features, seed: 1 }));
  return path;
}

/** A logistic regression of other weights than `lr`, whose inference costs next to nothing. */
export async function makeChallenger(): Promise<string> {
  const path = await workPath('challenger.onnx');
  await writeFile(path, logisticRegression({ ...LOGISTIC, seed: 7 }));
  return path;
}

/** The logistic regression that `lr` is, for the baselines that are no ONNX. */
export function logisticOf(): { readonly weights: number[]; readonly bias: number } {
  const { weights, bias } = logisticParameters(LOGISTIC);
  return { weights: [...weights], bias };
}

function build(
  name: ModelName,
): Omit<BenchModel, 'name' | 'path'> & { readonly bytes: Uint8Array } {
  switch (name) {
    case 'lr': {
      const parameters = logisticParameters(LOGISTIC);
      return {
        description: 'logistic regression',
        bytes: logisticRegression(LOGISTIC),
        reference: (row) => logisticReference(parameters, row),
      };
    }
    case 'mlp': {
      const layers = mlpLayers(MLP_OPTIONS);
      return {
        description: 'MLP 30-256-256-1',
        bytes: mlp(MLP_OPTIONS),
        reference: (row) => mlpReference(layers, row),
      };
    }
    case 'trees': {
      const trees = drawForest(BOOSTED);
      return {
        description: '300 boosted trees, depth 6',
        bytes: boostedTrees(BOOSTED),
        reference: (row) => forestReference(trees, row),
      };
    }
    case 'lightgbm': {
      const trees = growTrees(LIGHTGBM);
      return {
        description: '500 boosted trees of 31 leaves, grown leaf by leaf',
        bytes: grownForest(LIGHTGBM, trees),
        reference: (row) => grownReference(trees, LIGHTGBM, row),
      };
    }
    case 'forest':
    case 'forest-onnx': {
      const forest = growTrees(FOREST);
      return {
        description: `random forest of 100 trees of 12,700 leaves${name === 'forest' ? '' : ', without the tree kernel'}`,
        bytes: grownForest(FOREST, forest),
        reference: (row) => grownReference(forest, FOREST, row),
        ...(name === 'forest-onnx' && { treeKernel: 'off' }),
      };
    }
    default: {
      const unknown: never = name;
      throw new TypeError(`unknown model ${String(unknown)}`);
    }
  }
}

/** Relu after each layer but the last, Sigmoid after that. */
function mlpReference(layers: ReturnType<typeof mlpLayers>, row: readonly number[]): number {
  let values = [...row];
  for (const [index, layer] of layers.entries()) {
    const sums = denseReference(layer, values);
    values =
      index === layers.length - 1
        ? sums.map((sum) => 1 / (1 + Math.exp(-sum)))
        : sums.map((sum) => Math.max(0, sum));
  }
  return values[0] ?? Number.NaN;
}
