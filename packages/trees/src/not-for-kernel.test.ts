import { encodeModel } from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import { TreeScorer } from './index.js';
import { programOf } from './testing/compare-with-runtime.js';
import { drawCase, type EnsembleOptions } from './testing/random-ensemble.js';

const REGRESSOR = { operator: 'TreeEnsembleRegressor', targets: 1, maxDepth: 2 } as const;

describe('what cannot be proven to be the same is left to ONNX Runtime', () => {
  it.each<[string, Partial<EnsembleOptions>, string]>([
    ['equality', { modes: ['BRANCH_EQ'] }, 'equality or membership'],
    ['inequality', { modes: ['BRANCH_NEQ'] }, 'equality or membership'],
    ['MIN', { aggregate: 'MIN' }, 'the aggregate function is MIN'],
    ['MAX', { aggregate: 'MAX' }, 'the aggregate function is MAX'],
    ['PROBIT', { post: 'PROBIT' }, 'the post transform is PROBIT'],
    [
      'a base value of a target that some rows have no weight for',
      { targets: 2, base: 2, weights: 'one', trees: 1, maxDepth: 6, leafShare: 0 },
      'no weight for a target with a base value',
    ],
  ])('%s', (_, options, why) => {
    const { model } = drawCase(3, { ...REGRESSOR, ...options });
    expect(() => programOf(model)).toThrow(why);
  });

  it('a node that two others lead to', () => {
    const ints = (...values: number[]) => ({ ints: values });
    const model = encodeModel({
      graph: {
        name: 'shared',
        inputs: [{ name: 'x', type: 'float32', shape: ['N', 1] }],
        outputs: [{ name: 'y', type: 'float32', shape: ['N', 1] }],
        nodes: [
          {
            op: 'TreeEnsembleRegressor',
            domain: 'ai.onnx.ml',
            inputs: ['x'],
            outputs: ['y'],
            attributes: {
              n_targets: { int: 1 },
              nodes_treeids: ints(0, 0),
              nodes_nodeids: ints(0, 1),
              nodes_modes: { strings: ['BRANCH_LEQ', 'LEAF'] },
              nodes_featureids: ints(0, 0),
              nodes_values: { floats: [0, 0] },
              nodes_truenodeids: ints(1, 0),
              nodes_falsenodeids: ints(1, 0),
              target_treeids: ints(0),
              target_nodeids: ints(1),
              target_ids: ints(0),
              target_weights: { floats: [1] },
            },
          },
        ],
      },
    });
    expect(() => programOf(model)).toThrow('a node is reached twice');
  });
});

it('rows that are narrower than a feature are refused', () => {
  const { model } = drawCase(3, { ...REGRESSOR, features: 12, leafShare: 0, maxDepth: 6 });
  const scorer = new TreeScorer(programOf(model));
  expect(() => scorer.scoreRows(new Float32Array(6), 3, 2)).toThrow('and a row has 3 values');
});
