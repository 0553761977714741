import type { BoundFeature, TensorType } from '@shardmill/core';
import type { ColumnView } from '../scan/column-view.js';

/** Columns and features for tests, as a scan would give them. */

function maskOf(values: readonly unknown[]): Uint8Array | null {
  if (!values.includes(null)) return null;
  const mask = new Uint8Array(Math.ceil(values.length / 64) * 8);
  for (const [row, value] of values.entries()) {
    if (value !== null) mask[row >> 3] = (mask[row >> 3] ?? 0) | (1 << (row & 7));
  }
  return mask;
}

/** Null rows hold a value that must never be seen. */
export function floats(...values: (number | null)[]): Extract<ColumnView, { kind: 'numbers' }> {
  return {
    kind: 'numbers',
    values: Float32Array.from(values, (value) => value ?? 666),
    validity: maskOf(values),
  };
}

export function bigints(...values: (bigint | null)[]): Extract<ColumnView, { kind: 'numbers' }> {
  return {
    kind: 'numbers',
    values: BigInt64Array.from(values, (value) => value ?? 666n),
    validity: maskOf(values),
  };
}

export function texts(...values: (string | null)[]): Extract<ColumnView, { kind: 'texts' }> {
  return { kind: 'texts', texts: values.map((value) => value ?? undefined) };
}

/** A list column; a null list has elements that must never be seen. */
export function lists(...rows: (readonly (number | null)[] | null)[]): ColumnView {
  const offsets: bigint[] = [];
  const lengths: bigint[] = [];
  const elements: (number | null)[] = [666];
  for (const row of rows) {
    offsets.push(BigInt(row === null ? 0 : elements.length));
    lengths.push(BigInt(row === null ? 1 : row.length));
    elements.push(...(row ?? []));
  }
  return { kind: 'lists', validity: maskOf(rows), offsets, lengths, elements: floats(...elements) };
}

export function feature(
  type: TensorType,
  layout: BoundFeature['layout'] = 'scalars',
  width = 1,
  name = 'x',
): BoundFeature {
  const count = layout === 'list' ? 1 : width;
  const columns = Array.from({ length: count }, (_, i) => ({ label: `${name}${i}`, sql: '' }));
  return { input: name, type, layout, width, rowShape: [width], columns };
}
