import { defineConfig } from 'vitest/config';
import { inRepository } from '../support/repository.js';
import { mutateSource } from './mutate-source.js';
import { mutations } from './mutations.js';

/** Of a vitest that runs tests of packages with one mutation, or with none: see run-mutated.ts. */
const { SHARDMILL_MUTATION: name, SHARDMILL_MUTATION_NOTE: note = '' } = process.env;
const mutation = mutations.find((one) => one.name === name);
if (name !== undefined && mutation === undefined) throw new Error(`no mutation "${name}"`);

// What is compiled is loaded by Node itself, which is quicker, unless the mutation is in it.
const isInCompiled = mutation?.edits.some(({ file }) => file.includes('/dist/')) ?? false;

export default defineConfig({
  root: inRepository(),
  plugins: mutation === undefined ? [] : [mutateSource(mutation, note)],
  test: {
    include: ['packages/*/src/**/*.test.ts'],
    // Without a guard some wait for ever; with all of them, a busy machine must not fail them.
    testTimeout: mutation === undefined ? 60_000 : 6000,
    hookTimeout: 60_000,
    maxWorkers: 1,
    cache: false,
    isolate: false,
    setupFiles: [inRepository('vitest.setup.ts')],
    server: { deps: { external: isInCompiled ? [] : [/\/dist\//] } },
  },
});
