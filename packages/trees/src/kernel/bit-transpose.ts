import { i64x2, type Local, SimdOpcode, v128 } from '../wasm/expressions.js';
import type { FunctionBody } from '../wasm/function-body.js';

/** The rounds: how far apart what they exchange is, and the lower one of each pair of blocks. */
const ROUNDS = [
  [4, 0x0f],
  [2, 0x33],
  [1, 0x55],
] as const;

/** Local variables of the transpose: in every function the same ones, so that its code is the same. */
export interface TransposeLocals {
  /** The planes, from the lowest bit on. */
  readonly planes: readonly Local[];
  /** Address of the bytes. */
  readonly out: Local;
  readonly moved: Local;
  readonly lower: readonly Local[];
}

/** Must be the first locals of a function. */
export function transposeLocals(body: FunctionBody): TransposeLocals {
  const planes = body.locals(8, 'v128');
  const [moved, ...lower] = body.locals(4, 'v128') as [Local, ...Local[]];
  for (const [i, [, byte]] of ROUNDS.entries()) {
    const local = lower[i];
    if (local !== undefined) body.set(local, v128.ofByte(byte));
  }
  return { planes, out: body.local('i32'), moved, lower };
}

/**
 * Turns eight planes of one bit for 128 rows into 128 bytes of eight bits, and stores them. It is
 * three rounds of exchanging blocks of 4 x 4, 2 x 2 and single bits between pairs of planes, in all
 * 16 columns of bytes at once (Warren, Hacker's Delight, 7-3). After it, byte j of plane b belongs to
 * row 16 * b + j.
 * @param first, end which planes are there; the others are zero
 */
export function transposeBits(
  body: FunctionBody,
  locals: TransposeLocals,
  first: number,
  end: number,
): void {
  const zero = locals.planes.map((_, q) => q < first || q >= end);
  for (const [i, [distance]] of ROUNDS.entries()) {
    const lower = locals.lower[i];
    if (lower !== undefined) exchange(body, locals, zero, distance, lower);
  }
  for (const [b, plane] of locals.planes.entries()) {
    body.run(v128.store(locals.out, zero[b] === true ? v128.ofByte(0) : plane, 16 * b));
  }
}

/** Exchanges the upper blocks of one plane with the lower ones of that `distance` away. */
function exchange(
  body: FunctionBody,
  { planes, moved }: TransposeLocals,
  zero: boolean[],
  distance: number,
  lower: Local,
): void {
  for (let i = 0; i < 8; i++) {
    const [a, b] = [planes[i], planes[i + distance]];
    if ((i & distance) !== 0 || a === undefined || b === undefined) continue;
    if (zero[i] === true && zero[i + distance] === true) continue;
    if (zero[i] === true) {
      body.setVector(moved, SimdOpcode.and, b, lower);
      body.set(a, i64x2.shiftLeft(moved, distance));
      body.setVector(b, SimdOpcode.xor, b, moved);
    } else if (zero[i + distance] === true) {
      body.set(b, i64x2.shiftRight(a, distance));
      body.setVector(b, SimdOpcode.and, b, lower);
      body.set(moved, i64x2.shiftLeft(b, distance));
      body.setVector(a, SimdOpcode.xor, a, moved);
    } else {
      body.set(moved, i64x2.shiftRight(a, distance));
      body.setVector(moved, SimdOpcode.xor, moved, b);
      body.setVector(moved, SimdOpcode.and, moved, lower);
      body.setVector(b, SimdOpcode.xor, b, moved);
      body.set(moved, i64x2.shiftLeft(moved, distance));
      body.setVector(a, SimdOpcode.xor, a, moved);
    }
    zero[i] = false;
    zero[i + distance] = false;
  }
}
