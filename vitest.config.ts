import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Set by scripts/test.mjs, which adds the packages up.
const reports = process.env['SHARDMILL_TEST_REPORTS'];
const name = path.relative(import.meta.dirname, process.cwd()).replaceAll(path.sep, '-');

// Node 22 and later keep compiled code there: a process of the tests and of the product starts sooner.
process.env['NODE_COMPILE_CACHE'] ??= path.join(import.meta.dirname, 'node_modules/.cache/compile');

/** Files that take long: one that began last would run alone at the end. */
const SLOW = [
  'mutation/mutations',
  'chaos/storm',
  'fleet/worker-service',
  'simulation/simulation',
  'chaos/backfill',
  'chaos/two-schedulers',
  'integration/s3-run',
  'scoring/single-pass',
  'scoring/type-drift',
  'hostile/definitions',
  'integration/expected-scores',
];

const EVERY = '**/*.test.ts';
/** Folders of `test` whose files have a process each: they are about processes, servers and their ends. */
const ALONE = [
  'chaos',
  'deploy',
  'examples',
  'integration',
  'mutation',
  'package',
  'schedules',
  'simulation',
].map((folder) => `${folder}/${EVERY}`);

const projects = [
  { extends: true as const, test: { name: 'shared', include: [EVERY], exclude: ALONE } },
  { extends: true as const, test: { name: 'alone', include: ALONE, isolate: true } },
];

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlow = ({ moduleId }: TestSpecification): boolean =>
      SLOW.some((one) => moduleId.endsWith(`/test/${one}.test.ts`));
    // oxlint-disable-next-line unicorn/no-array-sort -- this is vitest's, and changes nothing.
    const sorted = await super.sort(files);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: SlowFirst },
    ...(name === 'test' ? { projects, include: [] } : { include: [EVERY] }),
    // The kit in the folder of tests is a package with tests of its own.
    exclude: ['**/node_modules/**', '**/dist/**', 'kit/**'],
    // A process and its modules serve one file after another: to start and to load them for each took a fifth of
    // the suite. What a file changes in its process, it puts back; the environment is put back by the setup.
    isolate: false,
    setupFiles: [path.join(import.meta.dirname, 'vitest.setup.ts')],
    reporters:
      reports === undefined
        ? ['default']
        : ['default', ['json', { outputFile: path.join(reports, `${name}.json`) }]],
    // Tests start real processes with real models; a busy machine must not fail them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is compiled needs no transformation: Node loads it like any other dependency.
    server: { deps: { external: [/\/dist\//] } },
  },
});
