import { type Pooling, type ScoredOutput, ShardmillError } from '@shardmill/core';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { fromHalf, toHalf } from '../onnx/float16.js';
import { type QuantizedVectors, quantizeVectors } from './quantize-vectors.js';

/** As in sentence-transformers: a vector of zeros stays one. */
const MIN_LENGTH = 1e-12;

/**
 * The outputs that a run uses, of those that the model gave for some rows.
 * @param feeds what the model was given: the mask of the tokens is among it.
 * @throws MODEL_OUTPUT_SHAPE
 */
export function poolOutputs(
  wanted: readonly ScoredOutput[],
  given: readonly BatchTensor[],
  feeds: readonly BatchTensor[],
  rows: number,
): BatchTensor[] {
  const made = new Map<string, PooledVectors>();
  return wanted.map(({ name, pooling }) => {
    const of = pooling?.of ?? name;
    const output = given.find((one) => one.name === of);
    if (output === undefined) throw new ShardmillError('INTERNAL', `no output "${of}"`);
    if (pooling === undefined) return output;
    // The elements and the scale of quantized vectors are made of the same vectors.
    const key = JSON.stringify([of, pooling.by, pooling.normalize]);
    const mask = feeds.find((feed) => feed.name === pooling.mask);
    const vectors =
      made.get(key) ?? new PooledVectors(poolOutput(output, pooling, mask, rows), rows);
    made.set(key, vectors);
    return { ...vectors.as(pooling.quantized), name };
  });
}

/** Pooled vectors in the forms in which an output may have them. */
class PooledVectors {
  #quantized: QuantizedVectors | undefined;

  constructor(
    readonly floats: BatchTensor & { readonly data: Float32Array },
    readonly rows: number,
  ) {}

  as(form: Pooling['quantized']): BatchTensor {
    const { floats } = this;
    switch (form) {
      case undefined:
        return floats;
      case 'values':
        return { ...floats, type: 'int8', data: this.#inEightBits().values };
      case 'scale':
        return { ...floats, rowShape: [], width: 1, data: this.#inEightBits().scales };
      case 'half':
        return { ...floats, type: 'uint16', data: Uint16Array.from(floats.data, toHalf) };
      default: {
        const unknown: never = form;
        return unknown;
      }
    }
  }

  #inEightBits(): QuantizedVectors {
    return (this.#quantized ??= quantizeVectors(this.floats.data, this.rows, this.floats.width));
  }
}

/** One vector per row, float32 [rows, width]. */
function poolOutput(
  output: BatchTensor,
  { by, normalize }: Pooling,
  mask: BatchTensor | undefined,
  rows: number,
): BatchTensor & { readonly data: Float32Array } {
  const vector = by === 'none';
  const [tokens = 1, width = 1] = vector ? [1, output.width] : output.rowShape;
  if (output.rowShape.length !== (vector ? 1 : 2) || (mask?.width ?? tokens) < tokens) {
    throw new ShardmillError(
      'MODEL_OUTPUT_SHAPE',
      `output "${output.name}" has ${output.rowShape.join(' × ')} values per row, which cannot be pooled`,
    );
  }
  const read = reader(output);
  const isToken = maskReader(by === 'none' || by === 'cls' ? undefined : mask);
  const data = new Float32Array(rows * width);
  const sums = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    const start = row * tokens * width;
    switch (by) {
      case 'mean':
      case 'max':
        poolTokens(sums, by, read, start, tokens, (token) => isToken(row, token));
        break;
      case 'cls':
      case 'none':
        for (let i = 0; i < width; i++) sums[i] = read(start + i);
        break;
      default: {
        const unknown: never = by;
        return unknown;
      }
    }
    if (normalize) divideByLength(sums);
    data.set(sums, row * width);
  }
  return { name: output.name, type: 'float32', rowShape: [width], width, data };
}

type Read = (at: number) => number;

/** The mean or the greatest value of the tokens' vectors; zeros where there is no token. */
function poolTokens(
  pooled: Float64Array,
  by: 'mean' | 'max',
  read: Read,
  start: number,
  tokens: number,
  isToken: (token: number) => boolean,
): void {
  const width = pooled.length;
  const combine = by === 'mean' ? add : Math.max;
  pooled.fill(by === 'mean' ? 0 : -Infinity);
  let count = 0;
  for (let token = 0; token < tokens; token++) {
    if (!isToken(token)) continue;
    count++;
    const at = start + token * width;
    for (let i = 0; i < width; i++) pooled[i] = combine(pooled[i] ?? 0, read(at + i));
  }
  if (count === 0) pooled.fill(0);
  else if (by === 'mean') for (let i = 0; i < width; i++) pooled[i] = (pooled[i] ?? 0) / count;
}

const add = (a: number, b: number): number => a + b;

function divideByLength(vector: Float64Array): void {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.max(MIN_LENGTH, Math.sqrt(squares));
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) / length;
}

function reader({ data, type }: BatchTensor): Read {
  if (type === 'float16') return (at) => fromHalf(Number(data[at]));
  if (data instanceof Float32Array) return (at) => data[at] ?? 0;
  return (at) => Number(data[at]);
}

/** Whether a position holds a token of the row; all do where there is no mask. */
function maskReader(mask: BatchTensor | undefined): (row: number, token: number) => boolean {
  if (mask === undefined) return () => true;
  const { data, width } = mask;
  return (row, token) => Number(data[row * width + token] ?? 0) > 0;
}
