import type { Mutation } from './mutation.js';

const SCHEDULER = 'packages/scheduler/src';
const ENGINE = 'packages/worker/src';

/** Guards of the time and memory that one job, definition or file may take. */
export const limitMutations: readonly Mutation[] = [
  {
    name: 'the range of times',
    edits: [
      {
        file: 'packages/core/src/job/bounds.ts',
        text: 'return ms >= parseDurationMs(least) && ms <= parseDurationMs(MAX_DURATION);',
        replacement: 'return ms >= 0;',
      },
    ],
    tests: ['packages/core/src/job/bounds.test.ts'],
    only: 'partTimeout',
  },
  {
    name: 'the deadline of planning',
    edits: [
      {
        file: `${ENGINE}/engine-process/limit-planning.ts`,
        text: 'const deadline = setTimeout(() => stop(late(timeoutMs)), timeoutMs);',
        replacement: 'const deadline = undefined;',
      },
    ],
    tests: [`${ENGINE}/engine-process/limit-planning.test.ts`],
    only: 'kills at the deadline',
  },
  {
    name: 'the memory limit of planning',
    edits: [
      {
        file: `${ENGINE}/engine-process/limit-planning.ts`,
        text: 'if (bytes > memoryLimitBytes)',
        replacement: 'if (bytes < 0)',
      },
    ],
    tests: [`${ENGINE}/engine-process/limit-planning.test.ts`],
    only: 'kills over the memory',
  },
  {
    name: 'the end of planning when its run is cancelled',
    edits: [
      {
        file: `${SCHEDULER}/service/run/run-steps.ts`,
        text: "if (now.phase !== 'submitted') this.#stopPlanning();",
        replacement: '',
      },
    ],
    tests: [`${SCHEDULER}/service/scheduler-planning.test.ts`],
    only: 'is stopped where its run is cancelled',
  },
  {
    name: 'the share of slots for planning',
    edits: [
      {
        file: `${SCHEDULER}/service/run/plan-slots.ts`,
        text: '.filter(({ submitter }) => this.#of(submitter) < maxPerSubmitter)',
        replacement: '',
      },
    ],
    tests: [`${SCHEDULER}/service/run/plan-slots.test.ts`],
    only: 'are never all of one submitter',
  },
  {
    name: 'the process in which patterns are matched',
    edits: [
      {
        file: 'packages/client/dist/planning/local-planner.js',
        text: "(typeof uri === 'string' ? [uri] : uri).some(hasWildcards)",
        replacement: 'false',
      },
    ],
    tests: ['packages/client/src/planning/local-planner.test.ts'],
    only: 'keeps this process free',
  },
  {
    name: 'the size of a footer',
    edits: [
      {
        file: 'packages/core/src/parquet/read-footer.ts',
        text: 'if (length > maxFooterBytes) {',
        replacement: 'if (length < 0) {',
      },
    ],
    tests: ['packages/core/src/parquet/read-footer.test.ts'],
    only: 'refuses a footer that is larger',
  },
  {
    name: 'what a footer claims of its file',
    edits: [
      {
        file: 'packages/core/src/parquet/lie-about-size.ts',
        text: 'if (end > fileBytes) {',
        replacement: 'if (end < 0) {',
      },
      {
        file: 'packages/core/src/parquet/lie-about-size.ts',
        text: 'if (footer.rows > most) {',
        replacement: 'if (footer.rows < 0) {',
      },
    ],
    tests: ['packages/core/src/parquet/lie-about-size.test.ts'],
    only: 'what a footer claims',
  },
  {
    name: 'the limit of aliases in YAML',
    edits: [
      {
        file: 'packages/client/src/read-definition/yaml.ts',
        text: 'maxAliasCount: MAX_ALIASES',
        replacement: 'maxAliasCount: 2 ** 40',
      },
    ],
    tests: ['packages/client/src/load-job.test.ts'],
    only: 'refuses YAML whose aliases multiply',
  },
  {
    name: 'the size of a definition',
    edits: [
      {
        file: 'packages/client/src/read-definition/read-definition.ts',
        text: 'if (bytes <= MAX_DEFINITION_BYTES)',
        replacement: 'if (bytes >= 0)',
      },
    ],
    tests: ['packages/client/src/read-definition/large-definition.test.ts'],
    only: 'a definition over 1 MB',
  },
];
