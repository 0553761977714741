import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BoundFeature, Scoring } from '@shardmill/core';
import { fromHalf } from '../onnx/float16.js';
import { bigints, feature, floats, lists, texts } from '../testing/views.js';
import { type Batch, BatchBuilder, FeedPool } from './batch-builder.js';
import type { ColumnView } from './column-view.js';

interface Chunk {
  readonly views: readonly ColumnView[];
  readonly rows: number;
}

/** Batches of all chunks, as the scan makes them; keys count the rows. */
function batchesOf(
  features: readonly BoundFeature[],
  chunks: readonly Chunk[],
  capacity: number,
  nulls: Scoring['nulls'] = 'reject',
): Batch[] {
  const builder = new BatchBuilder(new FeedPool(features, capacity), nulls);
  const batches: Batch[] = [];
  let key = 0;
  for (const { views, rows } of chunks) {
    const keys = BigInt64Array.from({ length: rows }, () => BigInt(key++));
    for (let from = 0; from < rows; ) {
      const to = Math.min(rows, from + builder.space);
      builder.add(views, keys, from, to);
      if (builder.space === 0) batches.push(builder.finish());
      from = to;
    }
  }
  if (builder.scannedRows > 0) batches.push(builder.finish());
  return batches;
}

const dataOf = ({ rows, feeds }: Batch, index = 0): unknown[] => {
  const feed = feeds[index];
  return feed === undefined ? [] : [...feed.data].slice(0, rows * feed.width);
};

describe('a batch', () => {
  it('is packed row by row from columns', () => {
    const features = [feature('float32', 'scalars', 3)];
    const views = [floats(1, 2), floats(10, 20), floats(100, 200)];
    const [batch] = batchesOf(features, [{ views, rows: 2 }], 8);
    expect(batch).toMatchObject({ rows: 2, scannedRows: 2, positions: undefined, rejects: [] });
    expect(batch === undefined ? [] : dataOf(batch)).toEqual([1, 10, 100, 2, 20, 200]);
  });

  it('has a tensor for each input, of its own type', () => {
    const features = [
      feature('float64'),
      feature('int64'),
      feature('string'),
      feature('float16'),
      feature('bool'),
      feature('float32', 'list', 2),
    ];
    const bools: ColumnView = { kind: 'numbers', values: Uint8Array.of(1, 0), validity: null };
    const doubles: ColumnView = {
      kind: 'numbers',
      values: Float64Array.of(0.1, 0.2),
      validity: null,
    };
    const huge = 2n ** 62n + 1n;
    const views = [
      doubles,
      bigints(huge, -1n),
      texts('ä', ''),
      floats(1.5, -2),
      bools,
      lists([1, 2], [3, 4]),
    ];
    const [batch] = batchesOf(features, [{ views, rows: 2 }], 2);
    if (batch === undefined) throw new Error('no batch');
    expect(dataOf(batch, 0)).toEqual([0.1, 0.2]);
    expect(dataOf(batch, 1)).toEqual([huge, -1n]);
    expect(dataOf(batch, 2)).toEqual(['ä', '']);
    expect(dataOf(batch, 3).map((half) => fromHalf(Number(half)))).toEqual([1.5, -2]);
    expect(dataOf(batch, 4)).toEqual([1, 0]);
    expect(dataOf(batch, 5)).toEqual([1, 2, 3, 4]);
  });

  it('leaves rejected rows out and reports where the others were', () => {
    const [batch] = batchesOf(
      [feature('float32')],
      [{ views: [floats(null, 1, null, 3, null)], rows: 5 }],
      8,
    );
    if (batch === undefined) throw new Error('no batch');
    expect(batch).toMatchObject({ rows: 2, scannedRows: 5 });
    expect([...(batch.positions ?? [])]).toEqual([1, 3]);
    expect(batch.rejects.map(({ position }) => position)).toEqual([0, 2, 4]);
    expect(dataOf(batch)).toEqual([1, 3]);
    expect([...batch.keys]).toEqual([0n, 1n, 2n, 3n, 4n]);
  });

  it('counts positions on from rows that came before the first rejected one', () => {
    const chunks = [
      { views: [floats(1, 2)], rows: 2 },
      { views: [floats(null, 4)], rows: 2 },
      { views: [floats(5)], rows: 1 },
    ];
    const [batch] = batchesOf([feature('float32')], chunks, 8);
    expect([...(batch?.positions ?? [])]).toEqual([0, 1, 3, 4]);
    expect(batch?.rejects).toEqual([
      { position: 2, reason: 'feature x: "x0" is null or out of range' },
    ]);
  });

  it('may have no row to score', () => {
    const batches = batchesOf(
      [feature('float32')],
      [{ views: [floats(null, null, 1)], rows: 3 }],
      2,
    );
    expect(batches.map(({ rows, scannedRows }) => [rows, scannedRows])).toEqual([
      [0, 2],
      [1, 1],
    ]);
    expect(batches[1]?.positions).toBeUndefined();
  });

  it('has NaN for nulls that pass, in every layout', () => {
    const features = [feature('float32'), feature('float16'), feature('float32', 'list', 2)];
    const views = [floats(null, 1), floats(2, null), lists(null, [3, null])];
    const [batch] = batchesOf(features, [{ views, rows: 2 }], 2, 'nan');
    if (batch === undefined) throw new Error('no batch');
    expect(dataOf(batch, 0)).toEqual([Number.NaN, 1]);
    expect(dataOf(batch, 1).map((half) => fromHalf(Number(half)))).toEqual([2, Number.NaN]);
    expect(dataOf(batch, 2)).toEqual([Number.NaN, Number.NaN, 3, Number.NaN]);
  });

  it('does not see what an earlier one left in the same memory', () => {
    const pool = new FeedPool([feature('float32'), feature('string')], 2);
    const builder = new BatchBuilder(pool, 'reject');
    builder.add([floats(7, 8), texts('old', 'old')], BigInt64Array.of(0n, 1n), 0, 2);
    pool.giveBack(builder.finish().feeds);
    builder.finish();
    builder.add([floats(null, 1), texts('a', '')], BigInt64Array.of(2n, 3n), 0, 2);
    const batch = builder.finish();
    expect([dataOf(batch, 0), dataOf(batch, 1)]).toEqual([[1], ['']]);
  });
});

describe('rows and their values stay together', () => {
  const value = fc.option(fc.integer({ min: -1000, max: 1000 }), { nil: null, freq: 3 });

  it('whatever the chunks, the batches and the nulls', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(value, { minLength: 1, maxLength: 30 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 40 }),
        (columns, capacity) => {
          const chunks = columns.map((values) => ({
            views: [floats(...values), floats(...values.map((v) => (v === null ? 0 : v + 0.5)))],
            rows: values.length,
          }));
          const all = columns.flat();
          const batches = batchesOf([feature('float32', 'scalars', 2)], chunks, capacity);
          const seen: (number | null)[] = [];
          for (const batch of batches) {
            const rows: (number | null)[] = Array.from({ length: batch.scannedRows }, () => null);
            const data = dataOf(batch).map(Number);
            for (let row = 0; row < batch.rows; row++) {
              rows[batch.positions?.[row] ?? row] = data[row * 2] ?? null;
              expect(data[row * 2 + 1]).toBe((data[row * 2] ?? 0) + 0.5);
            }
            expect(batch.rejects.map(({ position }) => position)).toEqual(
              rows.flatMap((v, i) => (v === null ? [i] : [])),
            );
            expect(batch.keys[0]).toBe(BigInt(seen.length));
            seen.push(...rows);
          }
          expect(seen).toEqual(all);
          const full = batches.slice(0, -1);
          expect(full.every(({ scannedRows }) => scannedRows === capacity)).toBe(true);
        },
      ),
    );
  });
});
