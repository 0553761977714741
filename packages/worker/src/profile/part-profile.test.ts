import { NumberSketch, TextSketch } from '@shardmill/core';
import { createRandom } from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import { MAX_KEPT, PartNumbers } from './part-numbers.js';
import { type NamedPartColumn, PartMerger, partState } from './part-profile.js';

const random = createRandom(11);
/** Some of them not finite, some of the same, of which none is exact in a float32. */
const VALUES = Float64Array.from({ length: 3 * MAX_KEPT }, (_, index) =>
  index % 97 === 0 ? Number.NaN : Math.round(random.normal() * 1e4) / 10,
);
const NULLS = 3;

function partOf(from: number, to: number, nulls = 0): PartNumbers {
  const part = new PartNumbers();
  // In pieces, as rows come.
  for (let at = from; at < to; at += 100) part.add(VALUES, at, Math.min(at + 100, to));
  part.addNulls(nulls);
  return part;
}

function sketchOf(from: number, to: number) {
  const sketch = new NumberSketch();
  sketch.addAll(VALUES, from, 1, to - from);
  sketch.addNulls(NULLS);
  return sketch.toState();
}

const named = (name: string, part: PartNumbers): NamedPartColumn => ({ name, ...part.finish() });

describe('the profile of a part', () => {
  it('has its numbers themselves where they are few, and what is known of them beyond', () => {
    expect(partOf(0, 200, NULLS).finish()).toEqual({ numbers: VALUES.slice(0, 200), nulls: NULLS });
    expect(partOf(0, MAX_KEPT).finish().state).toBeUndefined();
    expect(partOf(0, MAX_KEPT + 1, NULLS).finish()).toEqual({ state: sketchOf(0, MAX_KEPT + 1) });
  });

  it('sends no more than its numbers to another thread', () => {
    const column = partOf(0, 200).finish();
    expect(column.state === undefined && column.numbers.buffer.byteLength).toBe(1600);
  });

  it('keeps floats as floats until others come', () => {
    const floats = Float32Array.from(VALUES.subarray(0, 600));
    const part = new PartNumbers();
    part.add(floats, 0, 600);
    const before = new PartNumbers();
    before.add(floats, 0, 600);
    before.add(VALUES, 0, 600);
    expect(part.finish()).toEqual({ numbers: floats, nulls: 0 });
    const both = [...floats, ...VALUES.subarray(0, 600)];
    expect(before.finish()).toEqual({ numbers: Float64Array.from(both), nulls: 0 });
  });

  it('is merged to the same state, however rows were divided among parts, few or many', () => {
    const end = VALUES.length;
    for (const cuts of [
      [0, 10, 500, end],
      [0, MAX_KEPT, 2 * MAX_KEPT, end],
      [0, 1, MAX_KEPT + 2, end],
      [0, end],
    ]) {
      const merger = new PartMerger();
      for (let i = 0; i + 1 < cuts.length; i++) {
        const part = partOf(cuts[i] ?? 0, cuts[i + 1] ?? 0, i === 0 ? NULLS : 0);
        merger.add({ sampledRows: 7, features: [named('x', part)], outputs: [] });
      }
      expect(merger.finish()).toEqual({
        sampledRows: 7 * (cuts.length - 1),
        features: [{ name: 'x', state: sketchOf(0, end) }],
        outputs: [],
      });
    }
  });

  it('keeps the order of the features, and the outputs', () => {
    const text = new TextSketch();
    text.add('Oslo', 2);
    const known = sketchOf(0, 50);
    const many = partOf(0, MAX_KEPT + 1);
    const state = partState({
      sampledRows: 1,
      features: [
        named('few', partOf(0, 50, NULLS)),
        { name: 'city', state: text.toState() },
        named('many', many),
        named('few too', partOf(0, 1)),
      ],
      outputs: [{ name: 'score', state: known }],
    });
    expect(state.features.map(({ name }) => name)).toEqual(['few', 'city', 'many', 'few too']);
    expect(state.features[0]?.state).toEqual(known);
    expect(state.features[1]?.state).toEqual(text.toState());
    expect(state.outputs).toEqual([{ name: 'score', state: known }]);
  });
});
