import type { BoundFeature, Feature, TensorInfo } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { bindFeatures } from './bind-features.js';

/** Binds one input; each expression names its own type: `'a FLOAT'`. */
async function bind(
  shape: TensorInfo['shape'],
  feature: Feature | undefined,
  type: TensorInfo['type'] = 'float32',
): Promise<BoundFeature | undefined> {
  const [bound] = await bindFeatures(
    feature === undefined ? {} : { x: feature },
    [{ name: 'x', type, shape }],
    [{ name: 'X', type: 'FLOAT' }],
    async (expressions) => expressions.map(({ sql }) => sql.split(' ')[1] ?? 'FLOAT'),
  );
  return bound;
}

const floats = (n: number): string[] => Array.from({ length: n }, (_, i) => `f${i} FLOAT`);

describe('the shape of a tensor', () => {
  it.each<[TensorInfo['shape'], Feature, number[]]>([
    [['N'], 'a FLOAT', []],
    [['N', 1], 'a FLOAT', [1]],
    [[], 'a FLOAT', [1]],
    [['N', 3], floats(3), [3]],
    [['N', 'F'], floats(3), [3]],
    [['N', -1], floats(1), [1]],
    [['N', 2, 'F'], floats(6), [2, 3]],
    [[4, 2], floats(2), [2]],
    [['N', 3], 'a FLOAT[]', [3]],
    [['N', 'D'], 'a FLOAT[3]', [3]],
    [['N', 'D'], { sql: 'a FLOAT[]', width: 384 }, [384]],
    [['N', 3, 4, 5], 'a FLOAT[]', [3, 4, 5]],
    [['N', 3, 'H'], { sql: 'a FLOAT[]', width: 12 }, [3, 4]],
    [['N', 'A', 'B'], { sql: 'a FLOAT[]', shape: [2, 3] }, [2, 3]],
    [['N', 'A', 3], { sql: floats(6), shape: [2, 3] }, [2, 3]],
    [[], { sql: 'a FLOAT[]', shape: [2, 3] }, [2, 3]],
    [[], { sql: 'a FLOAT[]', width: 2 }, [2]],
  ])('%j is filled from %j as %j', async (shape, feature, rowShape) => {
    const bound = await bind(shape, feature);
    expect(bound?.rowShape).toEqual(rowShape);
    expect(bound?.width).toBe(rowShape.reduce((product, dim) => product * dim, 1));
  });

  it.each<[TensorInfo['shape'], Feature, string, string]>([
    [
      ['N', 3],
      floats(2),
      'FEATURE_COUNT',
      'has the shape [N, 3]: expected 3 values per row, found 2',
    ],
    [['N'], floats(2), 'FEATURE_COUNT', 'expected 1 values per row, found 2'],
    [['N', 2, 'F'], floats(3), 'FEATURE_COUNT', '[N, 2, F]'],
    [['N', 'H', 'W'], floats(4), 'FEATURE_COUNT', '[N, H, W], in which more than one'],
    [['N', 'H', 'W'], { sql: floats(4), shape: [4] }, 'FEATURE_COUNT', 'the job gives [N, 4]'],
    [['N', 'H', 3], { sql: floats(4), shape: [2, 2] }, 'FEATURE_COUNT', 'the job gives [N, 2, 2]'],
    [['N', 'H', 'W'], { sql: floats(4), shape: [2, 3] }, 'FEATURE_COUNT', 'expected 6 values'],
    [['N', 'H'], { sql: 'a FLOAT[]', width: 4, shape: [6] }, 'FEATURE_COUNT', 'expected 6 values'],
    [['N', 3], 'a FLOAT[4]', 'FEATURE_COUNT', 'expected 3 values per row, found 4'],
    [['N', 'D'], 'a FLOAT[]', 'FEATURE_COUNT', 'the length of the lists must be known'],
    [['N'], 'a FLOAT[]', 'FEATURE_TYPE', 'takes one float32 per row'],
    [['N', 1], 'a VARCHAR', 'FEATURE_TYPE', 'takes float32'],
    [['N', 1], 'a DATE', 'FEATURE_TYPE', 'takes float32'],
    [['N', 2], 'a VARCHAR[]', 'FEATURE_TYPE', 'takes float32'],
  ])('%j refuses %j', async (shape, feature, code, message) => {
    await expect(bind(shape, feature)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
      where: expect.stringMatching(/^features\.x/),
    });
  });

  it.each<[TensorInfo['type'], string, boolean]>([
    ['float32', 'DECIMAL(18,2)', true],
    ['float64', 'BIGINT', true],
    ['float16', 'BOOLEAN', true],
    ['int32', 'BIGINT', true],
    ['int64', 'DOUBLE', false],
    ['int64', 'DECIMAL(18,0)', false],
    ['bool', 'BOOLEAN', true],
    ['bool', 'INTEGER', false],
    ['string', 'VARCHAR', true],
    ['string', "ENUM('a')", true],
    ['string', 'INTEGER', false],
    ['float32', 'STRUCT(a', false],
  ])('%s of %s: %s', async (type, sqlType, fits) => {
    const bound = bind(['N', 1], `a ${sqlType}`, type).then(
      () => true,
      () => false,
    );
    expect(await bound).toBe(fits);
  });

  it('is proposed to be the tokens of a text where the model may take those', async () => {
    const remedy = expect.stringContaining("{ tokenize: 'x', tokenizer: './tokenizer.json'");
    const text = bind(['N', 'L'], 'body VARCHAR', 'int64');
    await expect(text).rejects.toMatchObject({ code: 'FEATURE_TYPE', remedy });
    const one = bind(['N', 1], 'body VARCHAR', 'int64');
    await expect(one).rejects.toMatchObject({ remedy: expect.not.stringContaining('tokenize') });
    const ids: TensorInfo = { name: 'input_ids', type: 'int64', shape: ['N', 'L'] };
    await expect(bindFeatures({}, [ids], [], async () => [])).rejects.toMatchObject({
      code: 'FEATURE_MISSING',
      remedy: expect.stringContaining("{ tokenize: 'COLUMN', tokenizer: './tokenizer.json'"),
    });
  });

  it('is matched with a column by name where there is no feature', async () => {
    const bound = await bind(['N', 1], undefined);
    expect(bound?.columns).toEqual([{ label: 'X', sql: '("X"\n)' }]);
  });
});
