import type { BoundFeature } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { CHUNK_ROWS } from '../duckdb/raw-vector.js';
import { FeedPool } from '../scan/batch-builder.js';
import type { ColumnView } from '../scan/column-view.js';
import { packFeatures } from '../scan/pack-features.js';
import { ChunkInputs } from './chunk-inputs.js';

const ROWS = 203;

function feature(input: string, type: BoundFeature['type'], width: number): BoundFeature {
  return {
    input,
    type,
    layout: 'scalars',
    width,
    rowShape: [width],
    columns: Array.from({ length: width }, (_, i) => ({ label: `${input}${i}`, sql: '1' })),
  };
}

/** A column with a null in every eleventh row. */
function column(seed: number, withNulls: boolean): ColumnView {
  const values = Float32Array.from({ length: ROWS }, (_, row) => Math.sin(row * 31 + seed));
  const validity = new Uint8Array(Math.ceil(ROWS / 8)).fill(0xff);
  for (let row = seed % 11; row < ROWS; row += 11) {
    validity[row >> 3] = (validity[row >> 3] ?? 0) & ~(1 << (row & 7));
  }
  return { kind: 'numbers', values, validity: withNulls ? validity : null };
}

const FEATURES = [
  feature('wide', 'float32', 30),
  feature('narrow', 'float32', 3),
  feature('whole', 'int64', 5),
  feature('four', 'float32', 4),
];
const COLUMNS = FEATURES.reduce((sum, { width }) => sum + width, 0);
const viewOf = (index: number, withNulls: boolean): ColumnView =>
  index >= 33 && index < 38
    ? {
        kind: 'numbers',
        values: BigInt64Array.from({ length: ROWS }, (_, row) => BigInt(row * index)),
        validity: null,
      }
    : column(index, withNulls);

describe('the inputs of a chunk', () => {
  it.each<[string, boolean, Int32Array | undefined]>([
    ['all rows', false, undefined],
    ['nulls as NaN', true, undefined],
    ['some of the rows', false, Int32Array.from({ length: 100 }, (_, i) => 2 * i + 1)],
    ['nulls as NaN among some of the rows', true, Int32Array.of(0, 11, 12, 202)],
    ['a single row', false, Int32Array.of(7)],
  ])('are the same as value by value: %s', (_, withNulls, selection) => {
    const views = Array.from({ length: COLUMNS }, (_view, index) => viewOf(index, withNulls));
    const wanted = new FeedPool(FEATURES, CHUNK_ROWS).take();
    packFeatures(FEATURES, wanted, 0, views, selection, 0, ROWS);
    const inputs = new ChunkInputs(FEATURES);
    // What another chunk has left behind is of no matter.
    inputs.pack(
      views.map((_view, index) => viewOf(index < 33 ? 32 - index : index, true)),
      undefined,
      ROWS,
    );
    inputs.pack(views, selection, ROWS);
    const rows = selection?.length ?? ROWS;
    for (const [index, { name, width, data }] of inputs.feeds.entries()) {
      expect(name).toBe(FEATURES[index]?.input);
      expect(data.slice(0, rows * width)).toEqual(wanted[index]?.data.slice(0, rows * width));
    }
  });
});
