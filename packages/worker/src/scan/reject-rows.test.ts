import { describe, expect, it } from 'vitest';
import { bigints, feature, floats, lists, texts } from '../testing/views.js';
import { findRejects } from './reject-rows.js';

describe('rows that cannot be scored', () => {
  it('are none where nothing is null, under any policy', () => {
    const features = [feature('float32', 'scalars', 2), feature('string'), feature('int64')];
    const views = [floats(1, 2), floats(3, 4), texts('', 'b'), bigints(0n, 1n)];
    for (const nulls of ['reject', 'nan', 'fail'] as const) {
      expect(findRejects(features, views, 0, 2, nulls).size).toBe(0);
    }
  });

  it('are those with a null, each with the first column that has one', () => {
    const features = [feature('float32', 'scalars', 2, 'f'), feature('string', 'scalars', 1, 's')];
    const views = [floats(1, null, 3, null), floats(1, 2, null, 4), texts('a', 'b', null, null)];
    expect([...findRejects(features, views, 0, 4, 'reject')]).toEqual([
      [1, 'feature f: "f0" is null or out of range'],
      [3, 'feature f: "f0" is null or out of range'],
      [2, 'feature f: "f1" is null or out of range'],
    ]);
  });

  it('are those with a text that ONNX Runtime would cut off at a NUL', () => {
    const rejects = findRejects([feature('string')], [texts('a', 'b\0c')], 0, 2, 'fail');
    expect([...rejects]).toEqual([[1, 'feature x: "x0" holds a NUL character']]);
  });

  it('are looked for in the given range only', () => {
    const views = [floats(null, 1, null, 1, null)];
    const found = (from: number, to: number): number[] => [
      ...findRejects([feature('float32')], views, from, to, 'reject').keys(),
    ];
    expect(found(1, 4)).toEqual([2]);
    expect(found(3, 4)).toEqual([]);
    expect(found(0, 5)).toEqual([0, 2, 4]);
  });

  it('pass as NaN where the policy says so, in float tensors alone', () => {
    const nan = (type: Parameters<typeof feature>[0], view: ReturnType<typeof floats>): number =>
      findRejects([feature(type)], [view], 0, 2, 'nan').size;
    expect(nan('float32', floats(null, 1))).toBe(0);
    expect(nan('float64', floats(null, 1))).toBe(0);
    expect(nan('float16', floats(null, 1))).toBe(0);
    expect(nan('int64', bigints(null, 1n))).toBe(1);
    expect(nan('bool', floats(null, 1))).toBe(1);
    expect(findRejects([feature('string')], [texts(null, 'a')], 0, 2, 'nan').size).toBe(1);
  });

  it('fail the run where the policy says so', () => {
    for (const [type, view] of [
      ['float32', floats(1, null)],
      ['int64', bigints(1n, null)],
      ['string', texts('a', null)],
    ] as const) {
      expect(() => findRejects([feature(type)], [view], 0, 2, 'fail')).toThrow(
        expect.objectContaining({ code: 'NULL_FEATURE', where: 'features.x' }),
      );
      expect(findRejects([feature(type)], [view], 0, 1, 'fail').size).toBe(0);
    }
  });
});

describe('lists that cannot be scored', () => {
  const list = feature('float32', 'list', 2);

  it('are null, of a wrong length, or have a null element', () => {
    const view = lists([1, 2], null, [1], [], [1, 2, 3], [1, null], [null, 2]);
    expect([...findRejects([list], [view], 0, 7, 'reject')]).toEqual([
      [1, 'feature x: "x0" is null'],
      [2, 'feature x: "x0" has 1 elements, expected 2'],
      [3, 'feature x: "x0" has 0 elements, expected 2'],
      [4, 'feature x: "x0" has 3 elements, expected 2'],
      [5, 'feature x: "x0" has a null element, at 2'],
      [6, 'feature x: "x0" has a null element, at 1'],
    ]);
  });

  it('are those of a wrong length only, where nulls pass as NaN', () => {
    const view = lists([1, 2], null, [1], [1, null]);
    expect([...findRejects([list], [view], 0, 4, 'nan').keys()]).toEqual([2]);
  });

  it('fail the run for a null, but not for a wrong length', () => {
    expect(() => findRejects([list], [lists([1, null])], 0, 1, 'fail')).toThrow(/is null/);
    expect([...findRejects([list], [lists([1])], 0, 1, 'fail').keys()]).toEqual([0]);
  });
});
