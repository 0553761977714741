import type { Mutation } from './mutation.js';

const SCHEDULER = 'packages/scheduler/src';
const ENGINE = 'packages/worker/src';

/** Guards against data that means something else than its statistics say. */
export const dataMutations: readonly Mutation[] = [
  {
    name: 'the setting that keeps bounds of floats from deciding expressions',
    edits: [
      {
        file: 'packages/worker/src/duckdb/open-database.ts',
        text: "disabled_optimizers: 'statistics_propagation',",
        replacement: '',
      },
    ],
    tests: ['packages/worker/src/scan/shield-floats.test.ts'],
    only: 'bounds that leave NaN out decide no expression',
  },
  {
    name: 'the function that keeps bounds of floats from deciding filters',
    edits: [
      {
        file: 'packages/worker/src/scan/shield-floats.ts',
        text: '? `least(${sql})`',
        replacement: '? sql',
      },
    ],
    tests: ['packages/worker/src/scan/shield-floats.test.ts'],
    only: 'bounds that leave NaN out decide no filter',
  },
  {
    name: 'the check that compared numbers have a difference',
    edits: [
      {
        file: 'packages/core/src/challengers/number-agreement.ts',
        text: 'if (!Number.isFinite(difference)) return;',
        replacement: '',
      },
    ],
    tests: ['packages/core/src/challengers/agreement.test.ts'],
    only: 'leaves out rows in which one of the two is not finite',
  },
  {
    name: 'the distrust of bounds of floats in a plan',
    edits: [
      {
        file: `${SCHEDULER}/plan/footers/row-group-statistics.ts`,
        text: `case 'float':
      return undefined;`,
        replacement: `case 'float':
      return {
        kind: 'float',
        min: min && Buffer.from(min).readDoubleLE(),
        max: max && Buffer.from(max).readDoubleLE(),
      };`,
      },
    ],
    tests: [`${SCHEDULER}/plan/make-plan.test.ts`],
    only: 'rule out by the values that DuckDB compares after widening',
  },
  {
    name: 'the memory of damaged row groups',
    edits: [
      {
        file: `${ENGINE}/part/known-damage.ts`,
        text: 'if (reads) throw error;',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/part/known-damage.test.ts`],
    only: 'refuses the parts that read a damaged row group',
  },
];
