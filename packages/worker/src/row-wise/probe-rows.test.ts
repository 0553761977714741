import type { BoundFeature } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { PROBE_ROWS, type RowProbe, probeRows } from './probe-rows.js';
import { syntheticRows } from './synthetic-rows.js';

const features: BoundFeature[] = [
  { input: 'x', type: 'float32', layout: 'scalars', width: 2, rowShape: [2], columns: [] },
  { input: 'code', type: 'int64', layout: 'scalars', width: 1, rowShape: [], columns: [] },
];

/** A model of one float per row, from the sums of the rows' floats. */
async function probe(
  model: (sums: readonly number[], call: number) => number[],
  fixedRows?: number,
): Promise<RowProbe & { readonly sizes: number[] }> {
  const sizes: number[] = [];
  const run = async ([x]: readonly BatchTensor[], rows: number) => {
    sizes.push(rows);
    const data = Array.from(x?.data ?? [], Number);
    const sums = Array.from(
      { length: rows },
      (_, i) => (data[2 * i] ?? 0) + (data[2 * i + 1] ?? 0),
    );
    const scores = Float32Array.from(model(sums, sizes.length));
    return [{ name: 'y', type: 'float32', dims: [rows, 1], data: scores }];
  };
  return { ...(await probeRows(run, syntheticRows(features, PROBE_ROWS), fixedRows)), sizes };
}

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('a model that is asked for a few rows', () => {
  it('is asked for one, three and two, and no more where all agrees', async () => {
    const { sizes, difference, random, calls } = await probe((sums) => sums.map((s) => s * 2));
    expect(sizes).toEqual([1, 3, 2]);
    expect({ difference, random }).toEqual({ difference: undefined, random: undefined });
    expect(calls[1]).toEqual({ rows: 3, outputs: [{ name: 'y', dims: [3, 1] }] });
  });

  it('may differ in the last bits', async () => {
    const { difference } = await probe((sums, call) => sums.map((s) => s * (1 + call * 1e-6)));
    expect(difference).toBeUndefined();
  });

  it.each<[string, (sums: readonly number[]) => number[]]>([
    ['the mean of the call', (sums) => sums.map((s) => s - total(sums) / sums.length)],
    ['the rows before', (sums) => sums.map((_, i) => total(sums.slice(0, i + 1)))],
    ['its place in the call', (sums) => sums.map((s, i) => s + i)],
    ['the number of rows', (sums) => sums.map((s) => s / sums.length)],
    ['NaN beside others', (sums) => sums.map((s) => (sums.length > 2 ? Number.NaN : s))],
  ])('is found out where a score depends on %s', async (_, model) => {
    const { difference, random } = await probe(model);
    expect(difference).toMatchObject({ output: 'y', beside: 3 });
    expect(random).toBeUndefined();
  });

  it('is distinguished from one that answers otherwise each time', async () => {
    let n = 0;
    const { difference, random } = await probe((sums) => sums.map((s) => s + ++n));
    expect(difference).toBeUndefined();
    expect(random).toMatchObject({ output: 'y' });
  });

  it('is not accused for one odd finding: it must be so with other rows, too', async () => {
    const { difference, sizes } = await probe((sums, call) =>
      sums.map((s) => (call === 3 ? s + 1 : s)),
    );
    expect(difference).toBeUndefined();
    expect(sizes).toEqual([1, 3, 2, 3, 3, 1, 3, 2]);
  });

  it('says nothing where the model throws for made-up rows', async () => {
    const seen = await probe(() => {
      throw new Error('indices out of bounds');
    });
    expect(seen).toMatchObject({ calls: [] });
  });

  it('keeps the rows of a call where the model fixes them, and changes the neighbours', async () => {
    const mean = (sums: readonly number[]): number[] =>
      sums.map((s) => s - total(sums) / sums.length);
    const found = await probe(mean, 4);
    expect(new Set(found.sizes)).toEqual(new Set([4]));
    expect(found.difference).toBeDefined();
    expect((await probe((sums) => [...sums], 4)).difference).toBeUndefined();
    expect((await probe(mean, 1)).sizes).toEqual([1]);
  });
});

describe('made-up rows', () => {
  it('are the same each time, and differ from each other', () => {
    const [x, code] = syntheticRows(features, PROBE_ROWS);
    expect(syntheticRows(features, PROBE_ROWS)).toEqual([x, code]);
    expect(new Set(x?.data instanceof Float32Array ? x.data : [])).toHaveProperty(
      'size',
      2 * PROBE_ROWS,
    );
    expect(new Set(code?.data instanceof BigInt64Array ? code.data : [])).toEqual(
      new Set([0n, 1n]),
    );
  });
});
