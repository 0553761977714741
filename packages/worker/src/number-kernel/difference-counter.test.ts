import { NumberAgreement } from '@shardmill/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DifferenceCounter } from './difference-counter.js';

type Floats = Float32Array | Float64Array;

/** The same pairs given to both, twice. */
function both(champion: Floats, challenger: Floats): void {
  const [wanted, counted] = [new NumberAgreement(), new NumberAgreement()];
  const counter = new DifferenceCounter(counted);
  for (let round = 0; round < 2; round++) {
    for (let row = 0; row < champion.length; row++) {
      wanted.add(champion[row] ?? 0, challenger[row] ?? 0, false);
    }
    counter.add(champion, challenger, champion.length);
  }
  counter.finish();
  expect(counted.toState('score')).toEqual(wanted.toState('score'));
}

const anyDouble = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 2 ** 128),
  fc.double({ min: 0, max: 1 }),
);

describe('differences counted in WebAssembly', () => {
  it('are those of an agreement that is given row by row, whatever the numbers and their types', () => {
    const pairs = fc.array(fc.tuple(anyDouble, anyDouble), { maxLength: 600, size: 'max' });
    fc.assert(
      fc.property(pairs, (rows) => {
        const [a, b] = [rows.map(([one]) => one), rows.map(([, other]) => other)];
        both(Float64Array.from(a), Float64Array.from(b));
        both(Float32Array.from(a), Float32Array.from(b));
        both(Float32Array.from(a), Float64Array.from(b));
      }),
      { numRuns: 40 },
    );
  });

  it('are those of more rows than are compared at once', () => {
    const scores = (seed: number): Float32Array =>
      Float32Array.from({ length: 9000 }, (_, i) => 1 / (1 + Math.exp(Math.sin(seed * i))));
    both(scores(1), scores(2));
  });
});
