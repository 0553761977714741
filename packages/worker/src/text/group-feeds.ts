import type { BoundFeature, BoundText } from '@shardmill/core';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { toHalf } from '../onnx/float16.js';
import { newTensorData, type TensorData } from '../onnx/tensor-types.js';
import type { RowGroup } from './row-groups.js';
import type { TokenRows } from './token-rows.js';

/** What the tensors of a call are made of. */
export interface GroupSource {
  readonly features: readonly BoundFeature[];
  /** Tensors of the whole batch, of the features that are not made of tokens. */
  readonly feeds: readonly BatchTensor[];
  readonly tokens: TokenRows;
  readonly text: Pick<BoundText, 'fixedLength'>;
  readonly paddingId: number;
}

/** Tokens to which the rows of a call are padded. */
export function paddedLength({ length }: RowGroup, { fixedLength }: GroupSource['text']): number {
  return fixedLength ?? Math.max(1, length);
}

/** The tensors of a call: its rows of the batch, padded to the longest of them. */
export function groupFeeds(source: GroupSource, group: RowGroup): BatchTensor[] {
  const length = paddedLength(group, source.text);
  return source.features.map((feature, index) => {
    const { input: name, type } = feature;
    if (feature.tokens !== undefined) {
      const data = newTensorData(type, group.rows.length * length);
      // The mask may be of half floats, whose bits are what is stored.
      const one = type === 'float16' ? toHalf(1) : 1;
      if (!Array.isArray(data)) fillTokens(data, feature.tokens, source, group.rows, length, one);
      return { name, type, rowShape: [length], width: length, data };
    }
    const { rowShape, width } = feature;
    const all = source.feeds[index]?.data ?? [];
    return { name, type, rowShape, width, data: pickRows(all, type, group.rows, width) };
  });
}

function fillTokens(
  data: Exclude<TensorData, string[]>,
  which: NonNullable<BoundFeature['tokens']>,
  { tokens, paddingId }: GroupSource,
  rows: Int32Array,
  length: number,
  one: number,
): void {
  const big = data instanceof BigInt64Array || data instanceof BigUint64Array;
  if (which === 'ids' && paddingId !== 0) {
    if (big) data.fill(BigInt(paddingId));
    else data.fill(paddingId);
  }
  for (const [place, row] of rows.entries()) {
    const count = tokens.lengthOf(row);
    const values = which === 'types' ? tokens.typesOf(row) : tokens.idsOf(row);
    for (let i = 0; i < count; i++) {
      const value = which === 'mask' ? one : (values[i] ?? 0);
      if (big) data[place * length + i] = BigInt(value);
      else data[place * length + i] = value;
    }
  }
}

function pickRows(
  all: TensorData,
  type: BoundFeature['type'],
  rows: Int32Array,
  width: number,
): TensorData {
  const data = newTensorData(type, rows.length * width);
  for (const [place, row] of rows.entries()) {
    for (let i = 0; i < width; i++) {
      const value = all[row * width + i];
      if (value !== undefined) data[place * width + i] = value;
    }
  }
  return data;
}
