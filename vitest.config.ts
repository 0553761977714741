import path from 'node:path';
import { defineConfig } from 'vitest/config';

// Set by scripts/test.mjs, which adds the packages up.
const reports = process.env['SHARDMILL_TEST_REPORTS'];
const name = path.relative(import.meta.dirname, process.cwd()).replaceAll(path.sep, '-');

export default defineConfig({
  test: {
    include: [
      '{src,integration,golden,scoring,chaos,simulation,deploy,hostile,mutation}/**/*.test.ts',
    ],
    reporters:
      reports === undefined
        ? ['default']
        : ['default', ['json', { outputFile: path.join(reports, `${name}.json`) }]],
    // Tests start real processes with real models; a busy machine must not fail them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
