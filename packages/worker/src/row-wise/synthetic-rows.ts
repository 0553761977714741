import type { BoundFeature, TensorType } from '@shardmill/core';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { toHalf } from '../onnx/float16.js';
import { newTensorData, type TensorData } from '../onnx/tensor-types.js';

/** Rows differ in size, so that a mean or a maximum over them is none of them. */
const SCALES = [1, 4, 0.25];

/**
 * Rows of made-up values for every input of the model, the same each time: numbers between -4 and
 * 4, and for integers, which may be places in a table, 0 and 1.
 * @param tokens of the inputs that are filled with the tokens of a text.
 */
export function syntheticRows(
  features: readonly BoundFeature[],
  rows: number,
  tokens: MadeTokens = { length: 1, maxId: 1 },
): BatchTensor[] {
  return features.map(({ input, type, rowShape, width, tokens: which }, index) => {
    if (which !== undefined) return syntheticTokens(input, type, which, rows, tokens);
    const data = newTensorData(type, rows * width);
    for (let row = 0; row < rows; row++) {
      for (let element = 0; element < width; element++) {
        const fraction = hash(row, element + 7919 * index);
        put(data, row * width + element, type, fraction, SCALES[row % SCALES.length] ?? 1);
      }
    }
    return { name: input, type, rowShape, width, data };
  });
}

/** Tokens of made-up texts: each row has the token of the largest id, and all have the same length. */
export interface MadeTokens {
  readonly length: number;
  readonly maxId: number;
}

function syntheticTokens(
  name: string,
  type: TensorType,
  which: NonNullable<BoundFeature['tokens']>,
  rows: number,
  { length, maxId }: MadeTokens,
): BatchTensor {
  const data = newTensorData(type, rows * length);
  for (let at = 0; at < data.length && !Array.isArray(data); at++) {
    const small = hash(at, length) < 0.4 ? 0 : 1;
    const id = at % length === 0 ? maxId : small;
    const one = type === 'float16' ? toHalf(1) : 1;
    const value = which === 'ids' ? id : which === 'mask' ? one : 0;
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[at] = BigInt(value);
    else data[at] = value;
  }
  return { name, type, rowShape: [length], width: length, data };
}

function put(
  data: TensorData,
  at: number,
  type: TensorType,
  fraction: number,
  scale: number,
): void {
  const whole = fraction < 0.4 ? 0 : 1;
  if (Array.isArray(data)) data[at] = whole === 0 ? 'a' : 'b';
  else if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    data[at] = BigInt(whole);
  } else if (type === 'float16') data[at] = toHalf((2 * fraction - 1) * scale);
  else if (type === 'float32' || type === 'float64') data[at] = (2 * fraction - 1) * scale;
  else data[at] = whole;
}

/** A pseudo-random fraction from 0 to 1: an integer hash. */
function hash(row: number, element: number): number {
  let mixed = Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(element + 1, 0x85ebca77);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
}
