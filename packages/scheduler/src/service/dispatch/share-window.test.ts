import { expect, it } from 'vitest';
import { shareWindow } from './share-window.js';

const demand = (run: string, open: number, priority = 0) => ({ run, open, priority });
const shares = (size: number, ...demands: ReturnType<typeof demand>[]) =>
  Object.fromEntries(shareWindow(size, demands));

it('shares evenly, and gives the others what one does not need', () => {
  expect(shares(16, demand('a', 100))).toEqual({ a: 16 });
  expect(shares(16, demand('a', 100), demand('b', 100))).toEqual({ a: 8, b: 8 });
  expect(shares(16, demand('a', 100), demand('b', 2), demand('c', 100))).toEqual({
    a: 7,
    b: 2,
    c: 7,
  });
});

it('serves the higher priority first, and still leaves one to each', () => {
  expect(shares(16, demand('a', 100), demand('b', 100, 5))).toEqual({ a: 1, b: 16 });
  expect(shares(16, demand('a', 100), demand('b', 10, 5))).toEqual({ a: 6, b: 10 });
});

it('gives every run one where there are more runs than room', () => {
  const many = Array.from({ length: 40 }, (_, i) => demand(`r${i}`, 9));
  expect(Math.min(...shareWindow(16, many).values())).toBe(1);
});

it('gives nothing to a run that has nothing open', () => {
  expect(shares(16, demand('a', 0), demand('b', 3))).toEqual({ a: 0, b: 3 });
});
