import { type Pooling, type ScoredOutput, ShardmillError } from '@shardmill/core';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { fromHalf } from '../onnx/float16.js';

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
  return wanted.map(({ name, pooling }) => {
    const of = pooling?.of ?? name;
    const output = given.find((one) => one.name === of);
    if (output === undefined) throw new ShardmillError('INTERNAL', `no output "${of}"`);
    if (pooling === undefined) return output;
    const mask = feeds.find((feed) => feed.name === pooling.mask);
    return { ...poolOutput(output, pooling, mask, rows), name };
  });
}

/** One vector per row, float32 [rows, width]. */
function poolOutput(
  output: BatchTensor,
  { by, normalize }: Pooling,
  mask: BatchTensor | undefined,
  rows: number,
): BatchTensor {
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
        mean(sums, read, start, tokens, (token) => isToken(row, token));
        break;
      case 'max':
        maximum(sums, read, start, tokens, (token) => isToken(row, token));
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

function mean(
  sums: Float64Array,
  read: Read,
  start: number,
  tokens: number,
  isToken: (token: number) => boolean,
): void {
  const width = sums.length;
  sums.fill(0);
  let count = 0;
  for (let token = 0; token < tokens; token++) {
    if (!isToken(token)) continue;
    count++;
    const at = start + token * width;
    for (let i = 0; i < width; i++) sums[i] = (sums[i] ?? 0) + read(at + i);
  }
  for (let i = 0; i < width; i++) sums[i] = (sums[i] ?? 0) / Math.max(1, count);
}

function maximum(
  sums: Float64Array,
  read: Read,
  start: number,
  tokens: number,
  isToken: (token: number) => boolean,
): void {
  const width = sums.length;
  let first = true;
  sums.fill(0);
  for (let token = 0; token < tokens; token++) {
    if (!isToken(token)) continue;
    const at = start + token * width;
    for (let i = 0; i < width; i++) {
      const value = read(at + i);
      sums[i] = first ? value : Math.max(sums[i] ?? 0, value);
    }
    first = false;
  }
}

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
