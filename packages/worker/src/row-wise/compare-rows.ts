import { fromHalf } from '../onnx/float16.js';
import type { TensorData } from '../onnx/tensor-types.js';

/** An output of one call, as ONNX Runtime gave it. */
export interface RawOutput {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/** Values of one element of one row, from two calls. */
export interface Difference {
  readonly output: string;
  readonly one: string;
  readonly other: string;
}

/**
 * What other sums of the same numbers may differ by, as a part of the value: kernels for one row
 * and for several add in another order. What a row takes from other rows is far more.
 */
const FLOAT_TOLERANCE = 1e-3;
const HALF_TOLERANCE = 3e-2;
const ABSOLUTE_TOLERANCE = 1e-6;

/** The first element in which a row of one call differs from a row of another. */
export function rowDifference(
  one: readonly RawOutput[],
  row: number,
  other: readonly RawOutput[],
  otherRow: number,
): Difference | undefined {
  for (const [index, { name, type, data, dims }] of one.entries()) {
    const match = other[index];
    if (match === undefined) continue;
    const width = dims.slice(1).reduce((product, dim) => product * dim, 1);
    for (let element = 0; element < width; element++) {
      const a = valueOf(data, row * width + element, type);
      const b = valueOf(match.data, otherRow * width + element, type);
      if (same(a, b, type)) continue;
      return { output: name, one: text(a), other: text(b) };
    }
  }
  return undefined;
}

type Value = number | bigint | string | undefined;

function valueOf(data: TensorData, at: number, type: string): Value {
  const value = data[at];
  return type === 'float16' && typeof value === 'number' ? fromHalf(value) : value;
}

function same(a: Value, b: Value, type: string): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (typeof a !== 'number' || typeof b !== 'number' || !type.startsWith('float')) return false;
  const tolerance = type === 'float16' ? HALF_TOLERANCE : FLOAT_TOLERANCE;
  const size = Math.max(Math.abs(a), Math.abs(b));
  return Number.isFinite(size) && Math.abs(a - b) <= ABSOLUTE_TOLERANCE + tolerance * size;
}

const text = (value: Value): string =>
  typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value);
