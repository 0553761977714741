import { readFile } from 'node:fs/promises';
import { createRandom } from '@shardmill/test-kit';
import { beforeAll, describe, expect, test } from 'vitest';
import { useAttackField } from './attack.js';
import { cut, flipped, footerOf, withFooterLength } from './damaged-bytes.js';

// Files that others wrote: models and Parquet that are cut, flipped, or lie about themselves.

const field = useAttackField();
let parquet: Buffer;
let model: Buffer;
beforeAll(async () => {
  // It has several row groups and types, so that there is something to lie about.
  const file = await field.place.writeParquet(
    'other/a.parquet',
    `SELECT i::BIGINT AS id, i / 7.0 AS a, cos(i) AS b, (i % 13)::DOUBLE AS c, 'text' || i AS s,
       [i, i + 1] AS l, {'x': i} AS o, DATE '2026-01-01' + i::INTEGER AS d FROM range(5000) r(i)`,
    'ROW_GROUP_SIZE 2048',
  );
  parquet = await readFile(file);
  model = await readFile(field.place.path('model.onnx'));
  await field.good();
});

let files = 0;

async function runParquet(bytes: Uint8Array): Promise<string> {
  const file = await field.place.write(`cache/hostile/${files++}.parquet`, bytes);
  return field.run({ input: { uri: file }, output: { uri: 'out', columns: ALL } });
}
const ALL = { id: 'id', score: 'score', s: 's', l: 'l', o: 'o', d: 'd' };

async function runModel(bytes: Uint8Array): Promise<string> {
  const file = await field.place.write(`cache/hostile/${files++}.onnx`, bytes);
  return field.run({ model: { uri: file } });
}

const FRACTIONS = [0, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999];
const SEEDS = Array.from({ length: 16 }, (_, seed) => seed + 1);

describe('Parquet', () => {
  test.each(FRACTIONS)('that is cut after %d of its bytes', async (fraction) => {
    expect(await runParquet(cut(parquet, fraction))).toMatch(/^INPUT_/);
  });

  test.each(FRACTIONS)('whose beginning is missing up to %d', async (fraction) => {
    const start = Math.max(1, Math.floor(parquet.length * fraction));
    expect(await runParquet(parquet.subarray(start))).toMatch(/^INPUT_|SHARDS_FAILED/);
  });

  test.each(SEEDS)('with flipped bits in its footer, drawn by %i', async (seed) => {
    const { start, end } = footerOf(parquet);
    const bytes = flipped(parquet, createRandom(seed), { start, end, count: 1 + (seed % 4) });
    expect(await runParquet(bytes)).toMatch(/^(finished|[A-Z_]+)$/);
  });

  test.each(SEEDS)('with flipped bits in its pages, drawn by %i', async (seed) => {
    const { start } = footerOf(parquet);
    const bytes = flipped(parquet, createRandom(seed), { start: 4, end: start, count: 3 });
    expect(await runParquet(bytes)).toMatch(/^(finished|[A-Z_]+)$/);
  });

  test.each([0, 1, 7, 2 ** 20, 2 ** 30, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1])(
    'that says its footer has %d bytes',
    async (length) => {
      expect(await runParquet(withFooterLength(parquet, length))).toMatch(/^INPUT_/);
    },
  );

  test.each([
    ['nothing', () => Buffer.alloc(0)],
    ['four bytes', () => Buffer.from('PAR1')],
    ['two marks', () => Buffer.from('PAR1PAR1')],
    ['zeros', () => Buffer.alloc(100_000)],
    [
      'two marks and zeros',
      () => Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(5000), Buffer.from('PAR1')]),
    ],
    ['CSV', () => Buffer.from('a,b,c\n1,2,3\n')],
    ['itself twice', () => Buffer.concat([parquet, parquet])],
    ['a model', () => model],
  ])('that is %s', async (_, bytes) => {
    expect(await runParquet(bytes())).toMatch(/^INPUT_|finished/);
  });
});

describe('a model', () => {
  test.each(FRACTIONS)('that is cut after %d of its bytes', async (fraction) => {
    expect(await runModel(cut(model, fraction))).toMatch(/^(MODEL|FEATURE|COLUMN|EXPRESSION)_/);
  });

  test.each(SEEDS)('with flipped bits, drawn by %i', async (seed) => {
    const bytes = flipped(model, createRandom(seed), {
      start: 0,
      end: model.length,
      count: 1 + (seed % 5),
    });
    expect(await runModel(bytes)).toMatch(/^(finished|[A-Z_]+)$/);
  });

  test.each([
    ['zeros', () => Buffer.alloc(1000)],
    ['ones', () => Buffer.alloc(1000, 0xff)],
    ['a field of 2^62 bytes', () => Buffer.from('3affffffffffffffff3f', 'hex')],
    [
      'fields in fields',
      () => Buffer.concat(Array.from({ length: 5000 }, () => Buffer.from('3a7f', 'hex'))),
    ],
    ['text', () => Buffer.from('a model')],
    ['Parquet', () => parquet],
  ])('that is %s', async (_, bytes) => {
    expect(await runModel(bytes())).toMatch(/^MODEL_/);
  });
});
