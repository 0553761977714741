import { expect, it } from 'vitest';
import { addToRate, type RateState, rateAt, startRate } from './progress-rate.js';

/** `rows` more every `everyMs`, up to `untilMs`. */
function steady(
  state: RateState,
  fromMs: number,
  untilMs: number,
  everyMs: number,
  rows: number,
): RateState {
  let done = state.at(-1)?.rows ?? 0;
  let next = state;
  for (let at = fromMs + everyMs; at <= untilMs; at += everyMs) {
    done += rows;
    next = addToRate(next, at, done);
  }
  return next;
}

it('is unknown before the first rows', () => {
  expect(rateAt(startRate(0, 0), 5000)).toBeUndefined();
});

it('counts no rows of earlier attempts', () => {
  const state = addToRate(startRate(0, 1_000_000), 1000, 1_000_500);
  expect(rateAt(state, 1000)).toBe(500);
});

it('is steady between the jumps of a steady run', () => {
  const state = steady(startRate(0, 0), 0, 20_000, 1000, 300);
  expect(rateAt(state, 20_000)).toBeCloseTo(300);
  expect(rateAt(state, 20_900)).toBeCloseTo(300);
});

it('follows a change of speed, and forgets the old one', () => {
  const fast = steady(startRate(0, 0), 0, 60_000, 500, 500);
  const slow = steady(fast, 60_000, 80_000, 500, 50);
  expect(rateAt(slow, 80_000)).toBeCloseTo(100);
});

it('falls when nothing comes any more', () => {
  const state = steady(startRate(0, 0), 0, 10_000, 1000, 300);
  expect(rateAt(state, 61_000)).toBeCloseTo(50);
});

it('jumps further apart than the window still give a rate', () => {
  const state = steady(startRate(0, 0), 0, 600_000, 60_000, 60_000);
  expect(rateAt(state, 600_000)).toBeCloseTo(1000);
});

it('remembers a bounded number of samples', () => {
  expect(steady(startRate(0, 0), 0, 600_000, 100, 1).length).toBeLessThan(150);
});
