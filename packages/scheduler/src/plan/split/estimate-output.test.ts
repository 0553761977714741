import { expect, it } from 'vitest';
import { type EstimatedOutput, estimateOutput } from './estimate-output.js';

const COLUMN_BYTES = new Map([
  ['id', 1.5],
  ['name', 40],
  ['tiny', 300],
]);
const weights = { perRow: (column: string) => COLUMN_BYTES.get(column) };

function estimate(
  columns: Record<string, { type: string; from?: string; of?: string; plain?: boolean }>,
) {
  const all = Object.entries(columns);
  const output: EstimatedOutput = {
    outputColumns: all.map(([name, { type }]) => ({ name, type, sql: name })),
    columnUse: {
      where: [],
      features: [],
      outputs: all.map(([, { from, of, plain = true }]) => ({
        columns: from === undefined ? [] : [from],
        modelOutputs: of === undefined ? [] : [of],
        plain: plain && (from ?? of) !== undefined,
      })),
    },
    model: { outputs: [{ name: 'vector', type: 'float32', shape: ['N', 384] }] },
  };
  return estimateOutput(output, weights);
}

it('takes the bytes of columns that are handed on from the footers, and others by their types', () => {
  expect(
    estimate({
      id: { type: 'BIGINT', from: 'id' },
      name: { type: 'VARCHAR', from: 'name' },
      score: { type: 'FLOAT', of: 'score' },
      upper: { type: 'VARCHAR', from: 'name', plain: false },
    }),
  ).toEqual({ bytesPerRow: 1.5 + 40 + 4 + 16, measured: 2 });
});

it('does not take what tiny files have beside their values for bytes of the values', () => {
  expect(estimate({ tiny: { type: 'INTEGER', from: 'tiny' } }).bytesPerRow).toBe(4);
});

it('knows how long the vectors of a model are', () => {
  expect(estimate({ v: { type: 'FLOAT[]', of: 'vector' } }).bytesPerRow).toBe(4 * 384);
  expect(estimate({ v: { type: 'FLOAT[]', of: 'vector', plain: false } }).bytesPerRow).toBe(32);
  expect(estimate({ v: { type: 'TINYINT[384]' } }).bytesPerRow).toBe(384);
});

it('knows a size for every type', () => {
  expect(
    estimate({
      a: { type: 'DECIMAL(9,2)' },
      b: { type: 'DECIMAL(18,2)' },
      c: { type: 'TIMESTAMP WITH TIME ZONE' },
      d: { type: 'STRUCT(a INTEGER, "b c" VARCHAR)' },
      e: { type: 'MAP(DATE, DOUBLE)' },
    }).bytesPerRow,
  ).toBe(4 + 8 + 8 + 20 + 96);
  expect(estimate({}).bytesPerRow).toBeGreaterThan(0);
});
