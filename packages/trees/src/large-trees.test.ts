import { createRandom } from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import { disagreements, programOf } from './testing/compare-with-runtime.js';
import { drawCase, type EnsembleCase } from './testing/random-ensemble.js';

const LARGE = { maxDepth: 12, leafShare: 0, features: 6, special: false, rows: 600 } as const;

describe('trees of more leaves than a byte can number', () => {
  it('are walked, in the order of the model among smaller ones', async () => {
    // Trees differ in their size by chance: some are walked, some are not.
    const mixed = drawCase(7, {
      ...LARGE,
      maxDepth: 11,
      leafShare: 0.17,
      trees: 16,
      targets: 1,
      base: 0,
      operator: 'TreeEnsembleRegressor',
    });
    const { byBits, trees } = programOf(mixed.model).summary;
    expect(byBits).toBeGreaterThan(0);
    expect(byBits).toBeLessThan(trees);
    expect(await disagreements(mixed)).toEqual([]);
  });

  it('are walked many rows at a time where they do not stay in cache', async () => {
    const forest = drawCase(8, {
      ...LARGE,
      trees: 20,
      base: 0,
      operator: 'TreeEnsembleRegressor',
      rows: 9000,
    });
    const program = programOf(forest.model);
    expect(program.summary.byBits).toBe(0);
    expect(program.capacity).toBe(8192);
    expect(await disagreements(forest)).toEqual([]);
  });
});

describe('thresholds of one feature', () => {
  const WEIGHTS = { operator: 'TreeEnsembleRegressor', targets: 1, weights: 'all' } as const;
  const complete = {
    maxDepth: 8,
    leafShare: 0,
    features: 1,
    special: false,
    missing: 'some',
  } as const;
  const options = { ...WEIGHTS, ...complete, modes: ['BRANCH_LEQ'], base: 0, rows: 300 } as const;
  // A complete tree has 255 nodes with thresholds, and 257 times 255 is 65,535.
  const many = (distinct: number): EnsembleCase => {
    const random = createRandom(9);
    let next = 0;
    const thresholds = (): number => Math.min(next++, distinct - 1) / 1024;
    const sample = drawCase(9, { ...options, trees: 257, thresholds });
    const values = sample.values.map(() => random.integer(70_000) / 1024);
    return { ...sample, values };
  };

  it('are up to 65,534', async () => {
    expect(await disagreements(many(65_534))).toEqual([]);
  });

  it('are left to ONNX Runtime beyond that', () => {
    const { model } = many(65_535);
    expect(() => programOf(model)).toThrow('a feature has 65535 thresholds, more than 65534');
  });
});
