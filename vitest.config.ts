import path from 'node:path';
import { defineConfig } from 'vitest/config';

// Set by scripts/test.mjs, which adds the packages up.
const reports = process.env['SHARDMILL_TEST_REPORTS'];
const name = path.relative(import.meta.dirname, process.cwd()).replaceAll(path.sep, '-');

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    // The kit in the folder of tests is a package with tests of its own.
    exclude: ['**/node_modules/**', '**/dist/**', 'kit/**'],
    reporters:
      reports === undefined
        ? ['default']
        : ['default', ['json', { outputFile: path.join(reports, `${name}.json`) }]],
    // Tests start real processes with real models; a busy machine must not fail them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
