import { writeFile } from 'node:fs/promises';
import type { JobDefinition } from '@shardmill/core';
import {
  encoder,
  type EncoderOptions,
  encoderReference,
  wordPieceTokenizer,
} from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import { score, type ScoreOptions, type Scored } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const WORDS = ['late', 'parcel', 'refund', 'great', 'broken', 'thanks', 'again', 'phone'];
const MODEL = { vocabulary: 4 + WORDS.length, width: 8, heads: 2, layers: 1, hiddenState: true };
const reference = encoderReference(MODEL);
/** The absolute value of the half float whose bits are `half[i]`, where it is no tiny one, or 0. */
const BITS = 'half[i]::INTEGER';
const HALF = `if(${BITS} & 31744 = 0, 0,
  (1 + (${BITS} & 1023) / 1024) * 2.0 ** (((${BITS} & 31744) >> 10) - 15))`;
const CLS = 2;
const SEP = 3;
const UNKNOWN = 1;

/** Texts of 1 to 40 words, in no order of their lengths; some have words that are not known. */
const bodyOf = (row: number): string =>
  Array.from({ length: 1 + ((row * 17) % 40) }, (_, i) =>
    (row + i) % 13 === 0 ? 'xyzzy' : (WORDS[(row * 5 + i * 3) % WORDS.length] ?? ''),
  ).join(' ');

function embeddingOf(body: string, maxLength = 64): number[] {
  const words = body.split(' ').slice(0, maxLength - 2);
  const idOf = (word: string): number => (WORDS.includes(word) ? 4 + WORDS.indexOf(word) : UNKNOWN);
  const ids = [CLS, ...words.map(idOf), SEP];
  return mean(ids);
}

/** The reference has the mean of the tokens, as `mean_pool`. */
const mean = (ids: readonly number[]): number[] =>
  reference(
    ids,
    ids.map(() => 1),
  );

function normalized(vector: readonly number[]): number[] {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}

async function prepare(rows: number, model: EncoderOptions = MODEL): Promise<void> {
  const values = Array.from({ length: rows }, (_, row) => `(${row}, '${bodyOf(row)}')`);
  await place.writeParquet(
    'data/a.parquet',
    `SELECT * FROM (VALUES ${values.join(', ')}) AS t(id, body)`,
  );
  await place.write('model.onnx', encoder(model));
  await place.write('tokenizer.json', wordPieceTokenizer(WORDS));
}

const tokens = (change: object = {}): NonNullable<JobDefinition['features']> => ({
  input_ids: { tokenize: 'body', tokenizer: 'tokenizer.json', maxLength: 64, ...change },
});
const EMBED: Partial<JobDefinition> = {
  features: tokens(),
  output: {
    uri: 'out',
    columns: { id: 'id', embedding: 'l2_normalize(mean_pool(last_hidden_state))' },
  },
};

const scoreTexts = (
  change: Partial<JobDefinition> = {},
  options: ScoreOptions = {},
): Promise<Scored> => score(place, { ...EMBED, ...change }, { mode: 'overwrite', ...options });

async function embeddings(): Promise<number[][]> {
  const rows = await place.sql(
    `SELECT embedding::VARCHAR AS text FROM read_parquet('${place.path('out', '*.parquet')}') ORDER BY id`,
  );
  return rows.map(({ text }) => String(text).slice(1, -1).split(', ').map(Number));
}

function furthest(found: readonly number[][], expected: (row: number) => number[]): number {
  let most = 0;
  for (const [row, vector] of found.entries()) {
    for (const [i, value] of expected(row).entries()) {
      most = Math.max(most, Math.abs(value - (vector[i] ?? Number.NaN)));
    }
  }
  return most;
}

describe('embeddings of texts', () => {
  it('are those of each row, whatever rows stand beside it in a call', async () => {
    await prepare(1000);
    await scoreTexts({ plan: { partRows: 500 } });
    const found = await embeddings();
    expect(found).toHaveLength(1000);
    expect(furthest(found, (row) => normalized(embeddingOf(bodyOf(row))))).toBeLessThan(1e-5);
    // With another number of rows in a call they differ in their last digits at most.
    await scoreTexts({}, { batchRows: 7, lanes: 2 });
    const again = await embeddings();
    expect(furthest(again, (row) => found[row] ?? [])).toBeLessThan(1e-5);
  });

  it('are cut at the most tokens, and their rows are counted and shown', async () => {
    await prepare(200);
    const { manifest } = await scoreTexts({ features: tokens({ maxLength: 20 }) });
    const long = Array.from({ length: 200 }, (_, row) => bodyOf(row).split(' ').length > 18);
    expect(manifest.rows).toEqual({
      read: 200,
      scored: 200,
      rejected: 0,
      filtered: 0,
      truncated: long.filter(Boolean).length,
    });
    const expected = (row: number): number[] => normalized(embeddingOf(bodyOf(row), 20));
    expect(furthest(await embeddings(), expected)).toBeLessThan(1e-5);
  });

  it('are not made of texts that are null, or too long where those are rejected', async () => {
    await prepare(100);
    const { manifest } = await scoreTexts({
      features: tokens({
        tokenize: 'nullif(body, body) || body',
        maxLength: 20,
        tooLong: 'reject',
      }),
      errors: { maxRejectedRows: 100 },
    });
    expect(manifest.rejectedReasons).toEqual({
      'feature input_ids: "nullif(body, body) || body" is null': 100,
    });
    const change = {
      features: tokens({ maxLength: 20, tooLong: 'reject' }),
      errors: { maxRejectedRows: 100 },
    };
    const { rows, rejectedReasons } = (await scoreTexts(change)).manifest;
    const long = Array.from({ length: 100 }, (_, row) => bodyOf(row).split(' ').length > 18);
    expect(rows.rejected).toBe(long.filter(Boolean).length);
    expect(rows.truncated).toBeUndefined();
    expect(rejectedReasons).toEqual({
      'feature input_ids: "body" has more than 20 tokens': rows.rejected,
    });
  });

  it('are pooled in each way, beside SQL over them', async () => {
    await prepare(50);
    const columns = {
      id: 'id',
      embedding: 'cls(last_hidden_state)',
      width: 'len(max_pool(last_hidden_state))',
      norm: 'round(list_sum([x * x for x in l2_normalize(cls(last_hidden_state))]), 4)',
    };
    await scoreTexts({ output: { uri: 'out', columns } });
    const rows = await place.sql(
      `SELECT DISTINCT width, norm FROM read_parquet('${place.path('out', '*.parquet')}')`,
    );
    expect(rows).toEqual([{ width: 8, norm: 1 }]);
  });

  it('are written as whole numbers of 8 bits with their scale, and as half floats, a row at a time', async () => {
    await prepare(50);
    const vector = 'l2_normalize(mean_pool(last_hidden_state))';
    const columns = {
      id: 'id',
      embedding: `int8_quantize(${vector})`,
      scale: `int8_scale(${vector})`,
      exact: vector,
      half: `float16_bits(${vector})`,
    };
    const { plan } = await scoreTexts({ output: { uri: 'out', columns } });
    expect(plan.scoring.output.columns.map(({ type }) => type)).toEqual([
      'INTEGER',
      'TINYINT[]',
      'FLOAT',
      'FLOAT[]',
      'USMALLINT[]',
    ]);
    const [found] = await place.sql(
      `SELECT count(*)::INTEGER AS rows, max(list_max(list_transform(range(1, 9), lambda i:
         abs(embedding[i] * scale - exact[i]) / scale))) AS steps,
         min(list_max(list_transform(embedding, lambda x: abs(x)))) AS most,
         max(list_max(list_transform(range(1, 9), lambda i: abs(${HALF} - abs(exact[i]))))) AS halves
       FROM read_parquet('${place.path('out', '*.parquet')}')`,
    );
    expect(found).toMatchObject({ rows: 50, most: 127 });
    expect(found?.['steps']).toBeLessThan(0.5001);
    // 11 bits of numbers up to 1.
    expect(found?.['halves']).toBeLessThan(2 ** -12);
  });

  it('are made of calls that the job fixes, too', async () => {
    await prepare(50);
    await scoreTexts({ model: { uri: 'model.onnx', batching: { rows: 8 } } });
    expect(
      furthest(await embeddings(), (row) => normalized(embeddingOf(bodyOf(row)))),
    ).toBeLessThan(1e-5);
  });

  it('are not made with another tokenizer than was planned', async () => {
    await prepare(10);
    const { plan } = await scoreTexts();
    expect(plan.scoring.text?.tokenizer).toMatchObject({ uri: place.path('tokenizer.json') });
    await place.write('tokenizer.json', wordPieceTokenizer([...WORDS].toReversed()));
    const other = (await scoreTexts()).plan;
    expect(other.digest).not.toBe(plan.digest);
  });
});

describe('what does not fit is refused before the run', () => {
  it.each([
    ['a column that is no text', { tokenize: 'id' }, 'FEATURE_TYPE', 'Write CAST(id AS VARCHAR).'],
    [
      'a tokenizer that is not there',
      { tokenizer: 'other.json' },
      'TOKENIZER_NOT_FOUND',
      'Check the path',
    ],
    [
      'a length without room',
      { maxLength: 2 },
      'TOKENIZER_MISMATCH',
      'Set maxLength to more than 2.',
    ],
  ])('%s', async (_what, change, code, remedy) => {
    await prepare(3);
    await expect(scoreTexts({ features: tokens(change) })).rejects.toMatchObject({
      code,
      remedy: expect.stringContaining(remedy),
    });
  });

  it('a tokenizer with more tokens than the model has', async () => {
    await prepare(3);
    await writeFile(place.path('tokenizer.json'), wordPieceTokenizer([...WORDS, 'more', 'than']));
    await expect(scoreTexts()).rejects.toMatchObject({
      code: 'TOKENIZER_MISMATCH',
      message: expect.stringContaining('tokens up to number 13, for which the model throws'),
    });
  });

  it('more tokens than the model has positions', async () => {
    await prepare(3, { ...MODEL, positions: 32 });
    await expect(scoreTexts()).rejects.toMatchObject({
      code: 'TOKENIZER_MISMATCH',
      message: expect.stringContaining('throws for a row of 64 tokens and not for one of 8'),
      remedy: expect.stringContaining('max_position_embeddings'),
    });
    await scoreTexts({ features: tokens({ maxLength: 32 }) });
  });

  it.each([
    ['no JSON', 'not json'],
    ['no tokenizer', '{}'],
    ['very deep', `{"model":${'['.repeat(100_000)}`],
    [
      'a pattern that cannot be parsed',
      wordPieceTokenizer(WORDS).replace(
        '{"type":"BertPreTokenizer"}',
        '{"type":"Split","pattern":{"Regex":"(("},"behavior":"Isolated","invert":false}',
      ),
    ],
  ])('a damaged tokenizer: %s', async (_what, content) => {
    await prepare(3);
    await writeFile(place.path('tokenizer.json'), content);
    await expect(scoreTexts()).rejects.toMatchObject({
      code: 'TOKENIZER_INVALID',
      where: place.path('tokenizer.json'),
    });
  });

  it('in the run, a text over which a pattern of the tokenizer backtracks without end', async () => {
    await prepare(3);
    const pattern = { Regex: '(a+)+$' };
    const split = { type: 'Split', pattern, behavior: 'Isolated', invert: false };
    await place.write(
      'tokenizer.json',
      wordPieceTokenizer(WORDS).replace('{"type":"BertPreTokenizer"}', JSON.stringify(split)),
    );
    const tokenize = "if(id = 1, repeat('a', 40) || '!', body)";
    await expect(
      scoreTexts({ features: tokens({ tokenize }), plan: { partRows: 1, shardParts: 1 } }),
    ).rejects.toMatchObject({
      code: 'TOKENIZER_FAILED',
      message: expect.stringContaining('1 of 3 shards failed'),
      remedy: expect.stringContaining('correct its patterns'),
    });
  });

  it('an output that is a vector for each token, as it is', async () => {
    await prepare(3);
    const output = { uri: 'out', columns: { x: 'last_hidden_state' } };
    await expect(scoreTexts({ output })).rejects.toMatchObject({
      code: 'EXPRESSION_INVALID',
      remedy: expect.stringContaining('mean_pool(last_hidden_state)'),
    });
  });

  it('the type of half floats, which Parquet gets from no writer here', async () => {
    await prepare(3);
    const columns = { x: 'mean_pool(last_hidden_state)::FLOAT16[8]' };
    await expect(scoreTexts({ output: { uri: 'out', columns } })).rejects.toMatchObject({
      code: 'EXPRESSION_INVALID',
      message: 'there is no type FLOAT16: half floats cannot be written to Parquet',
      remedy: expect.stringContaining('int8_quantize(…)'),
    });
  });

  it('pooling of an output that is one vector per row', async () => {
    await prepare(3, { ...MODEL, hiddenState: false });
    const output = { uri: 'out', columns: { x: 'mean_pool(embedding)' } };
    await expect(scoreTexts({ output })).rejects.toMatchObject({
      code: 'EXPRESSION_INVALID',
      remedy: 'It is one vector per row already: write embedding, or l2_normalize(embedding).',
    });
  });

  it('a second text, and a mask that the job fills by itself', async () => {
    await prepare(3);
    const [text] = Object.values(tokens());
    const two = { ...tokens(), ...(text !== undefined && { attention_mask: text }) };
    await expect(scoreTexts({ features: two })).rejects.toMatchObject({ code: 'JOB_INVALID' });
    const mask = { ...tokens(), attention_mask: { sql: '[1, 1]', width: 2 } };
    await expect(scoreTexts({ features: mask })).rejects.toMatchObject({
      code: 'JOB_INVALID',
      where: 'features.attention_mask',
    });
  });
});
