import { describe, expect, it } from 'vitest';
import { allocateNodes } from './ensemble.js';
import { Mode, nextDown, setBranch } from './set-branch.js';

const TESTS: Readonly<Record<keyof typeof MODES, (value: number, threshold: number) => boolean>> = {
  LessOrEqual: (value, threshold) => value <= threshold,
  Less: (value, threshold) => value < threshold,
  GreaterOrEqual: (value, threshold) => value >= threshold,
  Greater: (value, threshold) => value > threshold,
};
const MODES = {
  LessOrEqual: Mode.LessOrEqual,
  Less: Mode.Less,
  GreaterOrEqual: Mode.GreaterOrEqual,
  Greater: Mode.Greater,
} as const;

const VALUES = [
  0,
  -0,
  1,
  -1,
  2 ** -149,
  -(2 ** -149),
  0.10000000149011612,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  Infinity,
  -Infinity,
  NaN,
];

describe('a node in the common form', () => {
  it.each(Object.keys(MODES) as (keyof typeof MODES)[])('leads where %s does', (mode) => {
    for (const threshold of VALUES) {
      for (const nanIsTrue of [false, true]) {
        const nodes = allocateNodes(1);
        const branch = { feature: 0, threshold, whenTrue: 1, whenFalse: 2, nanIsTrue };
        setBranch(nodes, 0, { mode: MODES[mode], ...branch });
        for (const value of VALUES) {
          const isTrue = TESTS[mode](value, threshold) || (nanIsTrue && Number.isNaN(value));
          const right = Number.isNaN(value)
            ? nodes.nanRight[0] === 1
            : value > (nodes.threshold[0] ?? 0);
          const went = right ? nodes.right[0] : nodes.left[0];
          expect([mode, threshold, nanIsTrue, value, went]).toEqual([
            mode,
            threshold,
            nanIsTrue,
            value,
            isTrue ? 1 : 2,
          ]);
        }
      }
    }
  });

  it('refuses equality', () => {
    const branch = { mode: Mode.Equal, feature: 0, threshold: 0, whenTrue: 1, whenFalse: 2 };
    expect(() => setBranch(allocateNodes(1), 0, { ...branch, nanIsTrue: false })).toThrow(
      'equality',
    );
  });
});

it('the next float down is the greatest one below', () => {
  expect(nextDown(1)).toBe(1 - 2 ** -24);
  expect(nextDown(-1)).toBe(-1 - 2 ** -23);
  expect(nextDown(0)).toBe(-(2 ** -149));
  expect(Object.is(nextDown(2 ** -149), 0)).toBe(true);
  expect(nextDown(Infinity)).toBe(3.4028234663852886e38);
  expect(nextDown(-Infinity)).toBe(-Infinity);
});
