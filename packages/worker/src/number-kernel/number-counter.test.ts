import { NumberSketch } from '@shardmill/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberCounter } from './number-counter.js';

type Numbers = Float32Array | Float64Array;

/** The same numbers given to both, all at once or in pieces. */
function both(values: Numbers, pieces: readonly number[] = [values.length]): void {
  const [counter, sketch] = [new NumberCounter(), new NumberSketch()];
  let start = 0;
  for (const piece of [...pieces, values.length]) {
    const count = Math.min(piece, values.length - start);
    counter.addAll(values, start, 1, count);
    start += count;
  }
  sketch.addAll(values, 0, 1, values.length);
  counter.addNulls(3);
  sketch.addNulls(3);
  expect(stateOf(counter)).toEqual(sketch.toState());
}

const stateOf = (counter: NumberCounter) => counter.finish();

/** Also what is subnormal, infinite or NaN, of either sign, and bits that follow no pattern. */
const anyDouble = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 5e-324, -5e-324, Number.MAX_VALUE),
  fc.constantFrom(1e154, -1e154, 9.9e153, 1e-160, 2 ** 127, 2 ** 128, 2 ** -126, 2 ** -127),
  fc.integer({ min: -5, max: 5 }),
);

/** A bit pattern for each, of all exponents alike. */
function randomBits(count: number, type: 'f32' | 'f64', seed: number): Numbers {
  const words = new Uint32Array(type === 'f32' ? count : 2 * count);
  let state = seed;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[i] = state ^ (state >>> 15);
  }
  return type === 'f32' ? new Float32Array(words.buffer) : new Float64Array(words.buffer);
}

describe('numbers counted in WebAssembly', () => {
  it('give the state of a sketch, whatever they are and however they come', () => {
    const pieces = fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(anyDouble, { maxLength: 900, size: 'max' }), pieces, (values, some) => {
        both(Float64Array.from(values), some);
        both(Float32Array.from(values), some);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it('give it for any bits, on thousands of pages of a histogram', () => {
    both(randomBits(50_000, 'f64', 1));
    both(randomBits(50_000, 'f32', 2));
  });

  it('give it for many values of few exponents, which are more than are collected first', () => {
    both(Float64Array.from({ length: 20_000 }, (_, i) => Math.sin(i) / 3));
    both(
      Float32Array.from({ length: 20_000 }, (_, i) => Math.sin(i) / 3),
      [100, 300, 5000],
    );
  });

  it('give it for as many different values as are counted one by one, and for one more', () => {
    const some = Array.from({ length: 600 }, (_, i) => (i % 200) - 100);
    both(Float64Array.from(some));
    both(Float64Array.from([...some, 0.5]));
    both(Float64Array.of());
  });

  it('are those at a stride', () => {
    const values = Float32Array.from({ length: 9000 }, (_, i) => i / 7);
    const [counter, sketch] = [new NumberCounter(), new NumberSketch()];
    for (const one of [counter, sketch]) {
      one.addAll(values, 1, 3, 2999);
      one.addAll(values, 2, 100, 80);
    }
    expect(stateOf(counter)).toEqual(sketch.toState());
  });

  it('are of their counter alone, also in memory that another one has used', () => {
    for (let round = 0; round < 3; round++) {
      const [a, b] = [new NumberCounter(), new NumberCounter()];
      const [x, y] = [
        randomBits(3000, 'f64', round),
        Float64Array.from({ length: 3000 }, Math.sqrt),
      ];
      for (let start = 0; start < 3000; start += 1000) {
        a.addAll(x, start, 1, 1000);
        b.addAll(y, start, 1, 1000);
      }
      for (const [counter, values] of [
        [a, x],
        [b, y],
      ] as const) {
        const sketch = new NumberSketch();
        sketch.addAll(values, 0, 1, 3000);
        expect(stateOf(counter)).toEqual(sketch.toState());
      }
    }
  });

  it('are not added to what is finished: its memory may be that of another counter', () => {
    const counter = new NumberCounter();
    counter.addAll(Float64Array.of(1, 2, 3), 0, 1, 3);
    expect(counter.finish()).toMatchObject({ count: 3, min: 1, max: 3 });
    expect(() => counter.addAll(Float64Array.of(4), 0, 1, 1)).toThrow('has been finished');
    expect(() => counter.finish()).toThrow('has been finished');
  });
});
