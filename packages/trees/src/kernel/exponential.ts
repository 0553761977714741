import type { MemoryLayout } from '../layout/memory-layout.js';
import { f32, f64, i32, i64, type Local, type Operand, select } from '../wasm/expressions.js';
import type { FunctionBody } from '../wasm/function-body.js';

/*
 * `expf` of glibc 2.28 and later, which ONNX Runtime calls on Linux, in the same arithmetic: the
 * algorithm of Arm's Optimized Routines (Szabolcs Nagy, 2017). e^x is 2^(k/32) times 2^(r/32), where
 * the first comes from a table and the second from a polynomial, all in double precision. So the
 * result is the float that glibc gives, but for one in some hundred million, where the processor
 * there fuses a multiplication with an addition.
 */
const STEPS = 32;
/** 0x1.71547652b82fep+0 */
const INVERSE_LN2 = 1.4426950408889634;
/** Adding it rounds to an integer, and leaves that in the lower bits. */
const SHIFT = 1.5 * 2 ** 52;
/** 0x1.c6af84b912394p-5, 0x1.ebfce50fac4f3p-3, 0x1.62e42ff0c52d6p-1 */
const POLYNOMIAL = [0.05550361559341535, 0.2402284522445722, 0.6931471806916203] as const;
/** The greatest float below the logarithm of 2^128: above, the result is infinite. */
const OVERFLOW = 88.72283172607422;
/** The least float above the logarithm of 2^-150: below, the result is 0. */
const UNDERFLOW = -103.97207641601563;

/** Code that sets a local of f32 to e^x. */
export type Exponential = (result: Local, x: Operand) => void;

export function exponential(body: FunctionBody, memory: MemoryLayout): Exponential {
  const table = memory.place(powersOfTwo(), 8);
  const argument = body.local('f32');
  const [scaled, rounded, rest] = body.locals(3, 'f64') as [Local, Local, Local];
  const bits = body.local('i64');
  const [c0, c1, c2] = POLYNOMIAL.map((c, i) => f64.constant(c / STEPS ** (3 - i))) as [
    Operand,
    Operand,
    Operand,
  ];
  return (result, x) => {
    body.set(argument, x);
    body.set(scaled, f64.multiply(f64.constant(INVERSE_LN2 * STEPS), f64.fromF32(argument)));
    body.set(rounded, f64.add(scaled, f64.constant(SHIFT)));
    body.set(bits, i64.ofBits(rounded));
    body.set(rest, f64.subtract(scaled, f64.subtract(rounded, f64.constant(SHIFT))));
    const entry = i32.shiftLeft(i32.and(i32.fromI64(bits), STEPS - 1), 3);
    const power = i64.add(i64.load(entry, table), i64.shiftLeft(bits, i64.constant(47)));
    const high = f64.add(f64.multiply(c0, rest), c1);
    const low = f64.add(f64.multiply(c2, rest), f64.constant(1));
    const sum = f64.add(f64.multiply(high, f64.multiply(rest, rest)), low);
    body.set(result, f32.fromF64(f64.multiply(sum, f64.ofBits(power))));
    const underflow = f32.less(argument, f32.constant(UNDERFLOW));
    body.set(result, select(f32.constant(0), result, underflow));
    const overflow = f32.greater(argument, f32.constant(OVERFLOW));
    body.set(result, select(f32.constant(Infinity), result, overflow));
  };
}

/** 2^(i/32) as bits, less what the integer adds to the exponent when it is shifted. */
function powersOfTwo(): BigInt64Array {
  const powers = Float64Array.from({ length: STEPS }, (_, i) => 2 ** (i / STEPS));
  return new BigInt64Array(powers.buffer).map((bits, i) => bits - (BigInt(i) << 47n));
}
