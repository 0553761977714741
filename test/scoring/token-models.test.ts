import { encodeModel, type ModelSpec, wordPieceTokenizer } from '@shardmill/test-kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { score, type ScoreOptions } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

// Models of tokens in the types and with the dimensions in which they are exported.

const place = useWorkplace();
const WORDS = ['late', 'parcel', 'refund', 'great', 'broken', 'thanks'];
const ROWS = 20;
const ONNX_TYPES = { float32: 1, float16: 10, int32: 6, int64: 7 } as const;
type Type = keyof typeof ONNX_TYPES;

const wordsOf = (row: number): string[] =>
  Array.from({ length: 1 + ((row * 7) % 11) }, (_, i) => WORDS[(row + i) % WORDS.length] ?? '');
const idsOf = (row: number): number[] => [2, ...wordsOf(row).map((w) => 4 + WORDS.indexOf(w)), 3];

interface Kind {
  readonly ids?: Type;
  readonly mask?: Type;
  readonly output?: Type;
  readonly length?: number;
}

const cast = (from: string, to: string, type: Type) => ({
  op: 'Cast',
  inputs: [from],
  outputs: [to],
  attributes: { to: { int: ONNX_TYPES[type] } },
});

/** `hidden` [N, tokens, 2]: of each token its id in sixteenths, and 1 where the mask has it. */
function tokenModel({
  ids = 'int64',
  mask = 'int64',
  output = 'float32',
  length,
}: Kind): ModelSpec {
  const tokens = length ?? 'L';
  return {
    graph: {
      name: 'tokens',
      inputs: [
        { name: 'input_ids', type: ids, shape: ['N', tokens] },
        { name: 'attention_mask', type: mask, shape: ['N', tokens] },
      ],
      outputs: [{ name: 'hidden', type: output, shape: ['N', tokens, 2] }],
      nodes: [
        cast('input_ids', 'whole', 'float32'),
        { op: 'Mul', inputs: ['whole', 'sixteenth'], outputs: ['value'] },
        { op: 'Unsqueeze', inputs: ['value', 'last'], outputs: ['values'] },
        cast('attention_mask', 'kept', 'float32'),
        { op: 'Unsqueeze', inputs: ['kept', 'last'], outputs: ['marks'] },
        {
          op: 'Concat',
          inputs: ['values', 'marks'],
          outputs: ['both'],
          attributes: { axis: { int: 2 } },
        },
        cast('both', 'hidden', output),
      ],
      initializers: [
        { name: 'sixteenth', type: 'float32', shape: [], data: Float32Array.of(1 / 16) },
        { name: 'last', type: 'int64', shape: [1], data: BigInt64Array.of(2n) },
      ],
    },
  };
}

beforeEach(async () => {
  const values = Array.from({ length: ROWS }, (_, row) => `(${row}, '${wordsOf(row).join(' ')}')`);
  await place.writeParquet(
    'data/a.parquet',
    `SELECT * FROM (VALUES ${values.join(', ')}) AS t(id, body)`,
  );
  await place.write('tokenizer.json', wordPieceTokenizer(WORDS));
});

/** The mean and the greatest value of the tokens of each row. */
async function pooled(kind: Kind, options: ScoreOptions = {}): Promise<unknown[]> {
  await place.write('model.onnx', encodeModel(tokenModel(kind)));
  const features = {
    input_ids: { tokenize: 'body', tokenizer: 'tokenizer.json', maxLength: kind.length ?? 16 },
  };
  const columns = { id: 'id', mean: 'mean_pool(hidden)', most: 'max_pool(hidden)[1]' };
  await score(place, { features, output: { uri: 'out', columns } }, options);
  return place.sql(
    `SELECT id, mean[1] AS mean, mean[2] AS mark, most
     FROM read_parquet('${place.path('out', '*.parquet')}') ORDER BY id`,
  );
}

const expected = Array.from({ length: ROWS }, (_, id) => {
  const values = idsOf(id).map((one) => one / 16);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { id, mean: Math.fround(mean), mark: 1, most: Math.max(...values) };
});

describe('models of tokens', () => {
  it.each<[string, Kind]>([
    ['half floats for what they give', { output: 'float16' }],
    ['a mask of half floats', { mask: 'float16', output: 'float16' }],
    ['a mask of floats and ids of 32 bits', { mask: 'float32', ids: 'int32' }],
    ['a fixed number of tokens', { length: 13 }],
  ])('may have %s', async (_what, kind) => {
    expect(await pooled(kind, { batchRows: 3 })).toEqual(expected);
  });
});
