import { type FunctionBody, type Local, wasm } from '@shardmill/trees';
import { Arrays, EXPONENTS, Shared } from './counter-memory.js';

const { f32, f64, i32 } = wasm;

interface SumPlaces {
  readonly sums: number;
  readonly lower: number | false;
  readonly rare?: Local;
}

/** Code that adds values up by exponent, and puts the few aside whose exponents no float32 has. */
export class SumCode {
  readonly #rareEnd: Local;

  constructor(
    readonly body: FunctionBody,
    readonly counter: Local,
    readonly rare: 'rareValues' | 'rareSquares',
  ) {
    this.#rareEnd = body.local('i32');
    body.set(this.#rareEnd, Arrays[rare]);
  }

  /**
   * @param high its upper word.
   * @param lower where what a float32 has no room for is added up.
   * @param rare what is put aside in its place.
   */
  add(value: Local, high: Local, { sums, lower, rare = value }: SumPlaces): void {
    const { body, counter } = this;
    const [cell, isCommon] = body.locals(2, 'i32') as [Local, Local];
    const upper = body.local('f64');
    body.set(cell, i32.subtract(i32.and(i32.shiftRight(high, 20), 0x7ff), MIN_EXPONENT));
    body.set(isCommon, i32.lessUnsigned(cell, EXPONENTS));
    body.if(isCommon, () => {
      body.set(cell, i32.add(counter, i32.shiftLeft(cell, 3)));
      body.set(upper, f64.fromF32(f32.fromF64(value)));
      body.run(f64.store(cell, f64.add(f64.load(cell, sums), upper), sums));
      if (lower === false) return;
      const rest = f64.subtract(value, upper);
      body.run(f64.store(cell, f64.add(f64.load(cell, lower), rest), lower));
    });
    const isRare = i32.and(i32.equal(isCommon, 0), f64.notEqual(value, f64.constant(0)));
    body.if(isRare, () => {
      body.run(f64.store(this.#rareEnd, rare));
      body.add(this.#rareEnd, 8);
    });
    body.release(cell, isCommon, upper);
  }

  finish(): void {
    const { body, rare } = this;
    const count = i32.shiftRight(i32.subtract(this.#rareEnd, Arrays[rare]), 3);
    body.run(i32.store(0, count, Shared[rare]));
  }
}

/** The exponent, as a double has it, of the smallest float32 that is not subnormal. */
const MIN_EXPONENT = 1023 - 126;
