import { expect, it } from 'vitest';
import { judgeWindow, roomInWindow } from './judge-window.js';

it('tells what is in the queue from what is absent and what was given up', () => {
  expect(
    judgeWindow([1, 2, 3, 4, 5], ['waiting', 'absent', 'active', 'delayed', 'stalled']),
  ).toEqual({ there: [1, 3, 4], delayed: [4], absent: [2], stalled: [5] });
});

it('takes what the queue did not answer for as absent', () => {
  expect(judgeWindow([1, 2], ['waiting']).absent).toEqual([2]);
});

it('has room beside shards that wait for their next attempt, but not without end', () => {
  expect(roomInWindow(16, 10, 0)).toBe(6);
  expect(roomInWindow(16, 16, 16)).toBe(16);
  expect(roomInWindow(16, 272, 272)).toBe(0);
  expect(roomInWindow(16, 270, 270)).toBe(2);
  // The share has become smaller.
  expect(roomInWindow(4, 16, 0)).toBe(0);
});
