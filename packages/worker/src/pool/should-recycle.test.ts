import { expect, test } from 'vitest';
import { type EngineHealth, shouldRecycle } from './should-recycle.js';

const usual: EngineHealth = { residentBytes: 500, memoryLimitBytes: 1000, shards: 100, runs: 1 };

test.each<[string, Partial<EngineHealth>, boolean]>([
  ['half full', {}, false],
  ['near its limit', { residentBytes: 760 }, true],
  [
    'near its limit from the beginning: the model needs it',
    { residentBytes: 760, shards: 3 },
    false,
  ],
  ['with many models loaded', { runs: 17 }, true],
])('an engine that is %s', (_what, change, expected) => {
  expect(shouldRecycle({ ...usual, ...change })).toBe(expected);
});
