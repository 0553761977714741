import type { JobDefinition } from '@shardmill/core';
import { encodeModel, wordPieceTokenizer } from '@shardmill/test-kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { score, type Scored } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const WORDS = ['late', 'parcel', 'refund', 'great', 'broken', 'thanks'];
const ROWS = 60;

/** Sums `id * (1 + 100 * type) * mask` over the tokens of a row: output `logits` float32 [N, 1]. */
const reranker = (): Uint8Array =>
  encodeModel({
    graph: {
      name: 'reranker',
      inputs: ['input_ids', 'attention_mask', 'token_type_ids'].map((name) => ({
        name,
        type: 'int64' as const,
        shape: ['N', 'L'],
      })),
      outputs: [{ name: 'logits', type: 'float32', shape: ['N', 1] }],
      nodes: [
        { op: 'Mul', inputs: ['token_type_ids', 'hundred'], outputs: ['weighted'] },
        { op: 'Add', inputs: ['weighted', 'one'], outputs: ['weights'] },
        { op: 'Mul', inputs: ['input_ids', 'weights'], outputs: ['values'] },
        { op: 'Mul', inputs: ['values', 'attention_mask'], outputs: ['kept'] },
        {
          op: 'ReduceSum',
          inputs: ['kept', 'axis'],
          outputs: ['sum'],
          attributes: { keepdims: { int: 1 } },
        },
        { op: 'Cast', inputs: ['sum'], outputs: ['logits'], attributes: { to: { int: 1 } } },
      ],
      initializers: (
        [
          ['hundred', 100n, []],
          ['one', 1n, []],
          ['axis', 1n, [1]],
        ] as const
      ).map(([name, value, shape]) => ({
        name,
        type: 'int64' as const,
        shape,
        data: BigInt64Array.of(value),
      })),
    },
  });

const wordsOf = (row: number, most: number): string[] =>
  Array.from({ length: (row * 7) % most }, (_, i) => WORDS[(row + i) % WORDS.length] ?? '');
const queryOf = (row: number): string[] => wordsOf(row, 5);
const passageOf = (row: number): string[] => wordsOf(row + 3, 23);

/** [CLS] query [SEP] passage [SEP], the longer one cut first: of two as long, the second. */
function expected(row: number, maxLength: number): number {
  const [query, passage] = [queryOf(row), passageOf(row)];
  while (query.length + passage.length + 3 > maxLength) {
    (query.length > passage.length ? query : passage).pop();
  }
  const sum = (words: string[]): number =>
    words.reduce((total, word) => total + 4 + WORDS.indexOf(word), 0);
  return 2 + sum(query) + 3 + 101 * (sum(passage) + 3);
}

beforeEach(async () => {
  const values = Array.from(
    { length: ROWS },
    (_, row) => `(${row}, '${queryOf(row).join(' ')}', '${passageOf(row).join(' ')}')`,
  );
  await place.writeParquet(
    'data/a.parquet',
    `SELECT * FROM (VALUES ${values.join(', ')}) AS t(id, query, passage)`,
  );
  await place.write('model.onnx', reranker());
  await place.write('tokenizer.json', wordPieceTokenizer(WORDS));
});

function scorePairs(tokenize: [string, string], change: object = {}): Promise<Scored> {
  const features: JobDefinition['features'] = {
    input_ids: { tokenize, tokenizer: 'tokenizer.json', maxLength: 16, ...change },
  };
  const output = { uri: 'out', columns: { id: 'id', score: 'logits' } };
  const errors = { maxRejectedRows: ROWS };
  return score(place, { features, output, errors }, { mode: 'overwrite' });
}

const scores = async (): Promise<unknown[]> =>
  place.sql(`SELECT id, score FROM read_parquet('${place.path('out', '*.parquet')}') ORDER BY id`);

describe('a model that compares two texts', () => {
  it('gets both of a row, with their types, cut at the most tokens', async () => {
    const { manifest } = await scorePairs(['query', 'passage']);
    const rows = Array.from({ length: ROWS }, (_, id) => ({ id, score: expected(id, 16) }));
    expect(await scores()).toEqual(rows);
    const cut = rows.filter(({ id }) => expected(id, 16) !== expected(id, 1000)).length;
    expect(manifest.rows).toMatchObject({ scored: ROWS, truncated: cut });
    expect(cut).toBeGreaterThan(10);
  });

  it('gets no row of which either text is null', async () => {
    const { manifest } = await scorePairs(["nullif(query, '')", 'if(id = 8, NULL, passage)']);
    const empty = Array.from({ length: ROWS }, (_, row) => queryOf(row).length === 0);
    expect(manifest.rejectedReasons).toEqual({
      [`feature input_ids: "nullif(query, '')" is null`]: empty.filter(Boolean).length,
      'feature input_ids: "if(id = 8, NULL, passage)" is null': 1,
    });
  });

  it('is refused where one of them is no text, which is named', async () => {
    await expect(scorePairs(['query', 'id'])).rejects.toMatchObject({
      code: 'FEATURE_TYPE',
      where: 'features.input_ids.tokenize[1]',
      remedy: 'Write CAST(id AS VARCHAR).',
    });
  });
});
