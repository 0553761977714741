import { beforeEach, describe, expect, test } from 'vitest';
import { type Ended, refusalOf } from '../support/command.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

const validate = (...options: string[]): Promise<Ended> =>
  place.shardmill('validate', 'job.json', '--expect', 'expected.parquet', '--json', ...options);

/** The job's scores, changed by a query over `out`, as the expected ones. */
async function expecting(query: string): Promise<void> {
  await place.writeParquet(
    'expected.parquet',
    query.replaceAll('scores', `read_parquet('${place.path('out')}/*.parquet')`),
  );
}

beforeEach(async () => {
  await place.prepare({
    job: {
      output: {
        uri: 'out',
        columns: {
          id: 'id',
          score: 'score',
          name: "'n' || id",
          pair: '[score, 1 - score]',
          whole: 'id + 1000000',
        },
      },
    },
  });
  expect((await place.shardmill('run', 'job.json')).code).toBe(0);
});

describe('validate --expect', () => {
  test('compares by key, whatever the order, and by tolerance where they are numbers', async () => {
    await expecting(
      `SELECT score::DOUBLE * (1 + 4e-6) AS SCORE, id::INTEGER AS id, name, pair, whole
       FROM scores ORDER BY id DESC`,
    );
    const ended = await validate('--key', 'id');
    expect(ended.code, ended.stdout).toBe(0);
    const { comparison, error } = JSON.parse(ended.stdout);
    expect(error).toBeUndefined();
    expect(comparison.rows).toEqual({
      compared: 100,
      differing: 0,
      onlyInScores: 0,
      onlyExpected: 0,
      duplicateKeysInScores: 0,
      duplicateKeysExpected: 0,
    });
    const [score, name, pair, whole] = comparison.columns;
    expect(score).toMatchObject({ name: 'score', comparison: 'number', differing: 0 });
    expect(score.largestDifference).toBeGreaterThan(1e-6);
    expect(score.largestDifference).toBeLessThan(4.1e-6);
    expect(name).toMatchObject({ name: 'name', comparison: 'exact', differing: 0 });
    expect(pair).toMatchObject({ comparison: 'numbers', differing: 0, largestDifference: 0 });
    expect(whole).toMatchObject({ comparison: 'integer', differing: 0 });

    const strict = await validate('--key', 'id', '--tolerance', '1e-7');
    expect(strict.code).toBe(1);
    expect(JSON.parse(strict.stdout).error.code).toBe('SCORES_DIFFER');
  });

  test('shows what differs: values, rows and keys', async () => {
    await expecting(
      `SELECT id, CASE WHEN id = 7 THEN score::DOUBLE + 0.5 WHEN id = 9 THEN NULL ELSE score END AS score,
              CASE WHEN id = 11 THEN 'N11' ELSE name END AS name,
              CASE WHEN id = 13 THEN [score, 2 - score] ELSE pair END AS pair,
              CASE WHEN id = 15 THEN whole + 1 ELSE whole END AS whole
       FROM scores WHERE id <> 3
       UNION ALL SELECT 1000, 0.5, 'x', NULL, 0
       UNION ALL SELECT id, score, name, pair, whole FROM scores WHERE id = 5`,
    );
    const ended = await validate('--key', 'id');
    expect(ended.code).toBe(1);
    const { valid, comparison, error } = JSON.parse(ended.stdout);
    expect(valid).toBe(true);
    expect(comparison.rows).toEqual({
      compared: 98,
      differing: 5,
      onlyInScores: 1,
      onlyExpected: 1,
      duplicateKeysInScores: 0,
      duplicateKeysExpected: 1,
    });
    expect(comparison.columns).toMatchObject([
      { name: 'score', differing: 2, largestDifference: expect.closeTo(0.5) },
      { name: 'name', differing: 1, largestDifference: null },
      { name: 'pair', differing: 1, largestDifference: expect.closeTo(1) },
      { name: 'whole', differing: 1, largestDifference: 1 },
    ]);
    expect(
      comparison.worst.map(({ key, column, difference }: Record<string, unknown>) => [
        key,
        column,
        difference,
      ]),
    ).toEqual([
      ['9', 'score', null],
      ['11', 'name', null],
      ['13', 'pair', expect.closeTo(1)],
      ['15', 'whole', 1],
      ['7', 'score', expect.closeTo(0.5)],
    ]);
    expect(error).toMatchObject({ code: 'SCORES_DIFFER', exitCode: 1 });
    expect(error.message).toMatch(/5 of 98 rows differ by more than 0.00001/);
    const shown = await place.shardmill(
      'validate',
      'job.json',
      '--expect',
      'expected.parquet',
      '--key',
      'id',
    );
    expect(shown.code).toBe(1);
    expect(shown.stdout).toMatch(/compared +98 rows/);
    expect(shown.stdout).toMatch(/score +2 +0\.5\n/);
    expect(shown.stdout).toMatch(/7 +score +\S+ +\S+ +0\.5\n/);
    expect(shown.stdout).toContain('error SCORES_DIFFER');
  });

  test('takes NaN for NaN and infinity for infinity, and neither for a number', async () => {
    await place.writeJob({
      output: {
        uri: 'out',
        columns: {
          id: 'id',
          odd: "CASE id % 4 WHEN 0 THEN 'nan'::FLOAT WHEN 1 THEN 'inf'::FLOAT ELSE score END",
        },
      },
    });
    const odd = "CASE id % 4 WHEN 0 THEN 'nan'::DOUBLE WHEN 1 THEN 'inf'::DOUBLE ELSE score END";
    await expecting(`SELECT id, ${odd} AS odd FROM scores`);
    expect((await validate('--key', 'id')).code).toBe(0);
    await expecting(
      `SELECT id, CASE id WHEN 0 THEN 0 WHEN 1 THEN '-inf'::DOUBLE WHEN 2 THEN 'nan'::DOUBLE
                  ELSE ${odd} END AS odd FROM scores`,
    );
    const { comparison } = JSON.parse((await validate('--key', 'id')).stdout);
    expect(comparison.columns).toMatchObject([{ differing: 3, largestDifference: 0 }]);
    expect(comparison.worst.map(({ key }: { key: string }) => key)).toEqual(['0', '1', '2']);
  });

  test('of a trial compares the rows of the trial', async () => {
    await expecting('SELECT id, score FROM scores');
    const ended = await validate('--key', 'id', '--limit', '10');
    expect(ended.code).toBe(0);
    const { comparison } = JSON.parse(ended.stdout);
    expect(comparison.rows).toMatchObject({ compared: 10, onlyExpected: 90, differing: 0 });
  });

  test('leaves nothing behind', async () => {
    await expecting('SELECT id, score FROM scores');
    await validate('--key', 'id', '--output', 'elsewhere');
    const found = await place.sql(
      `SELECT file FROM glob('${place.path()}/.cache/shardmill/work/**')`,
    );
    expect(found).toEqual([]);
    expect(await place.sql(`SELECT file FROM glob('${place.path('elsewhere')}/**')`)).toEqual([]);
  });

  test.each([
    ['no key', [], 'SELECT id, score FROM scores', /without --key/],
    [
      'a key that the output lacks',
      ['--key', 'idd'],
      'SELECT id, score FROM scores',
      /Did you mean "id"/,
    ],
    [
      'no column in common',
      ['--key', 'id'],
      'SELECT id, score AS prob FROM scores',
      /"prob" there/,
    ],
    [
      'a key of another type',
      ['--key', 'id'],
      'SELECT id::VARCHAR AS id, score FROM scores',
      /BIGINT.*VARCHAR/,
    ],
  ])('is refused with %s, before anything is scored', async (_what, options, query, message) => {
    await expecting(query);
    const refusal = refusalOf(await validate(...options));
    expect(refusal).toMatchObject({ code: 'USAGE', message: expect.stringMatching(message) });
  });
});
