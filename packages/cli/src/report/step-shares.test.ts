import { expect, it } from 'vitest';
import { stepShares } from './step-shares.js';

it('shares are of the steps that follow on each other; those within them are apart', () => {
  const { parts, within } = stepShares({ write: 25, scanAndInfer: 75, infer: 60, treeKernel: 50 });
  expect(parts.map(({ name, share }) => [name, share])).toEqual([
    ['scanAndInfer', 0.75],
    ['write', 0.25],
  ]);
  expect(within.map(({ name, share, inside }) => [name, share, inside])).toEqual([
    ['infer', 0.6, true],
    ['treeKernel', 0.5, true],
  ]);
});

it('a step of a later version is shown by its name', () => {
  expect(stepShares({ polish: 1 }).parts).toMatchObject([
    { name: 'polish', meaning: 'another step', share: 1 },
  ]);
});

it('no time at all has no shares', () => {
  expect(stepShares({ write: 0 }).parts).toMatchObject([{ share: 0 }]);
});
