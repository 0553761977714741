import { describe, expect, it } from 'vitest';
import { newTensorData } from '../onnx/tensor-types.js';
import { feature, floats, lists, texts } from '../testing/views.js';
import { packColumn } from './pack-column.js';

describe('packing a column', () => {
  it('writes only its own element of its own rows', () => {
    const target = newTensorData('float32', 12);
    packColumn(target, feature('float32', 'scalars', 3), 1, 1, floats(1, 2, 3), undefined, 1, 3);
    expect([...target]).toEqual([0, 0, 0, 0, 2, 0, 0, 3, 0, 0, 0, 0]);
  });

  it('takes the selected rows alone', () => {
    const target = newTensorData('float32', 3);
    const selection = Int32Array.of(0, 3);
    packColumn(target, feature('float32'), 0, 1, floats(1, 2, 3, 4), selection, 0, 4);
    expect([...target]).toEqual([0, 1, 4]);
  });

  it('takes lists where they lie, in any order', () => {
    const elements = floats(9, 1, 2, 3, 4, 9);
    const view = {
      kind: 'lists',
      validity: null,
      offsets: [3, 1],
      lengths: [2, 2],
      elements,
    } as const;
    const target = newTensorData('float32', 4);
    packColumn(target, feature('float32', 'list', 2), 0, 0, view, undefined, 0, 2);
    expect([...target]).toEqual([3, 4, 1, 2]);
  });

  it('takes lists that lie one behind the other at once', () => {
    const elements = floats(9, 1, 2, 3, 4, 5, 6);
    const view = {
      kind: 'lists',
      plain: { start: 1, width: 2 },
      validity: null,
      offsets: [1, 3, 5],
      lengths: [2, 2, 2],
      elements,
    } as const;
    const target = newTensorData('float32', 6);
    packColumn(target, feature('float32', 'list', 2), 0, 1, view, undefined, 1, 3);
    expect([...target]).toEqual([0, 0, 3, 4, 5, 6]);
    const selected = newTensorData('float32', 4);
    packColumn(selected, feature('float32', 'list', 2), 0, 0, view, Int32Array.of(0, 2), 0, 3);
    expect([...selected]).toEqual([1, 2, 5, 6]);
  });

  it('takes lists of integers and of texts', () => {
    const ints = newTensorData('int32', 2);
    const view = lists([5, 6]);
    packColumn(ints, feature('int32', 'list', 2), 0, 0, view, undefined, 0, 1);
    expect([...ints]).toEqual([5, 6]);
    const words = newTensorData('string', 2);
    const elements = texts('x', 'a', 'b');
    packColumn(
      words,
      feature('string', 'list', 2),
      0,
      0,
      { kind: 'lists', validity: null, offsets: [1], lengths: [2], elements },
      undefined,
      0,
      1,
    );
    expect(words).toEqual(['a', 'b']);
  });
});
