import { describe, expect, it } from 'vitest';
import { frequentReasons, mergeReasons } from './rejected-reasons.js';

describe('reasons of two parts', () => {
  it('are added, the most frequent first', () => {
    const merged = mergeReasons({ a: 1, b: 5 }, { a: 6, c: 2 });
    expect(Object.entries(merged)).toEqual([
      ['a', 7],
      ['b', 5],
      ['c', 2],
    ]);
    expect(frequentReasons({ c: 1, b: 3, a: 1 })).toEqual([
      ['b', 3],
      ['a', 1],
      ['c', 1],
    ]);
  });

  it('may be missing', () => {
    expect(mergeReasons(undefined, { a: 1 })).toEqual({ a: 1 });
    expect(mergeReasons({ a: 1 })).toEqual({ a: 1 });
    expect(frequentReasons(undefined)).toEqual([]);
  });

  it('are ten at most', () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`row ${i}`, 1]));
    const merged = mergeReasons(many, { often: 2 });
    expect(Object.keys(merged)).toHaveLength(10);
    expect(merged['often']).toBe(2);
  });
});
