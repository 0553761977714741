import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{src,integration,golden,scoring}/**/*.test.ts'],
    // Tests start real processes with real models; a busy machine must not fail them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
