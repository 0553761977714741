import { expect, it } from 'vitest';
import { NotForKernelError } from './index.js';
import { disagreements } from './testing/compare-with-runtime.js';
import { drawCase, type EnsembleOptions } from './testing/random-ensemble.js';

/** How many ensembles of each kind, and from which seed on; see CONTRIBUTING.md. */
const COUNT = Number(process.env['SHARDMILL_TREE_SEEDS'] ?? 25);
const INITIAL_SEED = Number(process.env['SHARDMILL_TREE_FIRST_SEED'] ?? 1);
const LARGE_DEPTH = 13;
const TIMEOUT_MS = 60_000 + 2000 * COUNT;

const TWO_CLASSES = { operator: 'TreeEnsembleClassifier', targets: 2, maxDepth: 3 } as const;

const kinds: Readonly<Record<string, Partial<EnsembleOptions>>> = {
  'of any kind': {},
  'with special values': { special: true, missing: 'some' },
  'of one mode each': { modes: ['BRANCH_LT'], special: true },
  'that are one leaf each': { maxDepth: 0 },
  'of one row': { rows: 1 },
  'of an average': { operator: 'TreeEnsembleRegressor', aggregate: 'AVERAGE', base: 0 },
  'of several targets': { operator: 'TreeEnsembleRegressor', targets: 4, weights: 'one' },
  'of leaves without weights': {
    operator: 'TreeEnsembleRegressor',
    targets: 1,
    weights: 'none or one',
  },
  'of targets without weights': {
    operator: 'TreeEnsembleRegressor',
    targets: 4,
    trees: 2,
    weights: 'by tree',
    base: 4,
  },
  'of version 5': { operator: 'TreeEnsemble', targets: 3, weights: 'one' },
  'of two classes, with weights for the first': { ...TWO_CLASSES, weights: 'first' },
  'of two classes, with weights for the second': { ...TWO_CLASSES, weights: 'second' },
  'of two classes, with weights for both': { ...TWO_CLASSES, weights: 'all' },
  'of two classes, with probabilities': { ...TWO_CLASSES, weights: 'first', positive: true },
  'of large trees': { maxDepth: LARGE_DEPTH, leafShare: 0.02, trees: 3, features: 5, rows: 700 },
};

it.each(Object.entries(kinds))(
  'scores ensembles %s as ONNX Runtime does, to the bit',
  { timeout: TIMEOUT_MS },
  async (_, options) => {
    let compared = 0;
    // Models of large trees take a second each to make and to load.
    const count = options.maxDepth === LARGE_DEPTH ? Math.ceil(COUNT / 8) : COUNT;
    for (let seed = INITIAL_SEED; seed < INITIAL_SEED + count; seed++) {
      try {
        expect(await disagreements(drawCase(seed, options))).toEqual([]);
        compared++;
      } catch (error) {
        if (!(error instanceof NotForKernelError)) throw error;
      }
    }
    expect(compared).toBeGreaterThan(count / 2);
  },
);
