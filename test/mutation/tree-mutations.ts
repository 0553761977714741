import type { Mutation } from './mutation.js';

const TREES = 'packages/trees/src';
const DRAWN = `${TREES}/random-ensembles.test.ts`;
const LANES = 'packages/worker/src/lane/shared-substitute.test.ts';

/** The rules of the tree kernel, each of which decides scores. */
export const treeMutations: readonly Mutation[] = [
  rule(
    'the next float down for strict comparisons',
    [
      'ensemble/set-branch.ts',
      'strict ? nextDown(branch.threshold) : branch.threshold',
      'branch.threshold',
    ],
    [`${TREES}/ensemble/set-branch.test.ts`, 'leads where Less does'],
  ),
  rule(
    'the side of NaN',
    ['ensemble/set-branch.ts', 'let nanRight = nanIsTrue === swap;', 'let nanRight = !swap;'],
    [`${TREES}/ensemble/set-branch.test.ts`, 'leads where Greater does'],
  ),
  rule(
    'the threshold below which there is nothing',
    ['ensemble/set-branch.ts', 'strict && branch.threshold === -Infinity', 'swap && !swap'],
    [`${TREES}/ensemble/set-branch.test.ts`, 'leads where Less does'],
  ),
  rule(
    'the bucket range without infinite thresholds',
    [
      'layout/bucket-table.ts',
      'bestTable(thresholds, finitePart(thresholds))',
      'bestTable(thresholds, thresholds)',
    ],
    [`${TREES}/layout/bucket-table.test.ts`, 'takes few comparisons'],
  ),
  rule(
    'the order of the trees for each target',
    [
      'layout/plan-steps.ts',
      'if (useful.some(({ targets }) => targets.length > 1)) return useful;',
      '',
    ],
    [DRAWN, 'ensembles of several targets'],
  ),
  rule(
    'the order of large trees among small ones',
    [
      'layout/plan-steps.ts',
      `      chunk = [];
      steps.push({ kind: 'walk', tree });`,
      `      steps.push({ kind: 'walk', tree });`,
    ],
    [`${TREES}/large-trees.test.ts`, 'in the order of the model among smaller ones'],
  ),
  rule(
    'the masks with NaN rows added',
    [
      'layout/mask-plan.ts',
      'if (all.nanRight[node] === 0 || !column.left) return mask;',
      'if (column.masks >= 0) return mask;',
    ],
    [DRAWN, 'ensembles with special values'],
  ),
  rule(
    'the spreading of a rank over the masks below it',
    [
      'kernel/thermometer.ts',
      'v128.or(running, v128.load(place, scratch))',
      'v128.load(place, scratch)',
    ],
    [`${TREES}/large-trees.test.ts`, 'are up to 65,534'],
  ),
  rule(
    'the limit of thresholds',
    [
      'layout/column-table.ts',
      'const MAX_THRESHOLDS = 0xfffe;',
      'const MAX_THRESHOLDS = 0xffffff;',
    ],
    [`${TREES}/large-trees.test.ts`, 'are left to ONNX Runtime beyond that'],
  ),
  rule(
    'the base value that is not added where there is no weight',
    [
      'ensemble/coverage.ts',
      "return { target: undefined, base: 0, form: 'plain' };",
      'return plainValue(target, base);',
    ],
    [DRAWN, 'ensembles of targets without weights'],
  ),
  rule(
    'the second base value on the sum of the first class',
    [
      'ensemble/classifier-finish.ts',
      '? bothOfFirst(coverage[0], base1)',
      '? [plainValue(0, base0), plainValue(1, base1)]',
    ],
    [DRAWN, 'two classes, with weights for both'],
  ),
  rule(
    'the labels 0 and 1 of two classes with weights for both',
    ['ensemble/classifier-finish.ts', 'labels: single || texts ? labels : [0n, 1n]', 'labels'],
    [DRAWN, 'two classes, with weights for both'],
  ),
  rule(
    'the threshold of a probability',
    ['ensemble/classifier-finish.ts', 'single && positive ? 0.5 : 0', '0'],
    [DRAWN, 'two classes, with probabilities'],
  ),
  rule(
    'the value of a leaf without weights',
    [
      'ensemble/read-parallel-lists.ts',
      'const weight = ownValues.slice();',
      'const weight = new Float32Array(ownValues.length);',
    ],
    [DRAWN, 'ensembles of leaves without weights'],
  ),
  rule(
    'the division before the base value is added',
    [
      'kernel/finish-rows.ts',
      'if (divisor !== 1) value = f32.divide(value, f32.constant(divisor));',
      '',
    ],
    [DRAWN, 'ensembles of an average'],
  ),
  rule(
    'the polynomial of the exponential function',
    ['kernel/exponential.ts', '0.2402284522445722', '0.2502284522445722'],
    [DRAWN, 'ensembles of any kind'],
  ),
  {
    name: 'the comparison of the first rows of a run',
    edits: [
      {
        file: 'packages/worker/src/substitute/substitute-difference.ts',
        text: 'for (const { name, type, width, data } of wanted) {',
        replacement: 'for (const { name, type, width, data } of wanted.slice(wanted.length)) {',
      },
    ],
    tests: ['packages/worker/src/single-pass/tree-kernel.test.ts'],
    only: 'is not used where its first rows are not those of the model',
  },
  {
    name: 'the wait of lanes without the model for the check of a run',
    edits: [
      {
        file: 'packages/worker/src/lane/pool-lane.ts',
        text: '(lane.deferred && unchecked)',
        replacement: '(lane.deferred && unchecked && false)',
      },
    ],
    tests: [LANES],
    only: 'once another lane has checked its first rows',
  },
  {
    name: 'what lanes without the model learn of a kernel that differs',
    edits: [
      {
        file: 'packages/worker/src/lane/shared-substitute.ts',
        text: 'this.#same = same;',
        replacement: 'this.#same = true;',
      },
    ],
    tests: [LANES],
    only: 'where the kernel scores otherwise in the first lane',
  },
];

function rule(
  name: string,
  [file, text, replacement]: readonly [file: string, text: string, replacement: string],
  [test, only]: readonly [test: string, only: string],
): Mutation {
  return { name, edits: [{ file: `${TREES}/${file}`, text, replacement }], tests: [test], only };
}
