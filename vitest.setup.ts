import { afterAll, vi } from 'vitest';

// Runs before each test file. Files share a process, whose environment and clock each of them finds as it was.
const before = { ...process.env };

afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  for (const name of Object.keys(process.env)) {
    if (before[name] === undefined) delete process.env[name];
  }
  Object.assign(process.env, before);
});
