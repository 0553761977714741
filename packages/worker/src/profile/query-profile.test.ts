import {
  type Check,
  describeProfile,
  NumberSketch,
  profileRows,
  TextSketch,
} from '@shardmill/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { sampleScoring } from '../testing/sample-scoring.js';
import { bindProfileQueries, queryProfile } from './query-profile.js';

let profile: string[] = [];
beforeAll(() => {
  const numbers = new NumberSketch();
  numbers.addAll(Float64Array.of(1, 2, 2, 7), 0, 1, 4);
  numbers.addNulls(1);
  const texts = new TextSketch();
  texts.add('yes', 3);
  const scoring = sampleScoring({ uri: '/x', bytes: 1 });
  const plan = { runId: 'r', digest: 'd', job: { name: 'j', params: {} }, scoring };
  const described = describeProfile(
    plan,
    { sampling: { every: 1, blockRows: 64 }, features: [], omitted: 0 },
    {
      sampledRows: 0,
      features: [{ name: 'partner', state: texts.toState() }],
      outputs: [{ name: 'churn', state: numbers.toState() }],
    },
  );
  profile = profileRows(described).map((row) => JSON.stringify(row));
});

const query = (sql: string) => queryProfile({ profile, sql });
const rowsOf = async (sql: string): Promise<unknown[]> => {
  const answer = await query(sql);
  if ('fault' in answer) throw new Error(answer.fault);
  return answer.rows.map((row): unknown => JSON.parse(row));
};

const check = (sql: string): Check => ({ name: 'few', kind: 'sql', severity: 'fail', sql });

describe('SQL over a profile', () => {
  it('sees a row for each column, with its figures', async () => {
    const sql = 'SELECT name, nulls / count AS null_rate FROM profile WHERE nulls > 0;  ';
    expect(await rowsOf(sql)).toEqual([{ name: 'churn', null_rate: 0.2 }]);
    expect(
      await rowsOf(`SELECT side, kind, mean, top[1].value AS most, quantiles[8] AS median,
        len(histogram) > 0 AS has_bins FROM profile ORDER BY name -- of all`),
    ).toEqual([
      {
        side: 'output',
        kind: 'number',
        mean: 3,
        most: '2',
        median: { fraction: 0.5, value: 2 },
        has_bins: true,
      },
      { side: 'feature', kind: 'text', mean: null, most: 'yes', median: null, has_bins: null },
    ]);
  });

  it('gives the first rows, and says that there are more', async () => {
    const answer = await query('WITH x AS (SELECT range AS i FROM range(1000000)) SELECT i FROM x');
    expect(answer).toMatchObject({ more: true });
    expect('rows' in answer && answer.rows).toHaveLength(20);
    expect(await query('FROM profile')).toMatchObject({ more: false });
  });

  it('says why it failed on what is there', async () => {
    expect(await query('SELECT name::INTEGER FROM profile')).toEqual({
      fault: expect.stringContaining('Could not convert string'),
    });
  });

  it.each([
    ["SELECT * FROM read_text('/etc/passwd')", /file system operations are disabled|Permission/],
    ["SELECT * FROM 'profile.parquet'", /disabled|not exist/],
    ["SELECT * FROM read_csv('https://example.org/x.csv')", /disabled|httpfs|Permission/],
    ["COPY profile TO '/tmp/x.csv'", /Permission Error/],
    ["ATTACH '/tmp/x.db'", /expected a SELECT, and not ATTACH/],
    ['INSTALL httpfs', /expected a SELECT, and not/],
    ["SET memory_limit = '100GB'", /expected a SELECT, and not/],
    ['DROP TABLE profile', /expected a SELECT, and not DROP/],
    ['SELECT 1; SELECT 2', /expected one SELECT, and not 2 statements/],
    ['SELECT 1) AS x; DROP TABLE profile; SELECT * FROM (SELECT 1', /[Ss]yntax error/],
    ['SELEC 1', /^Parser Error: syntax error/],
    ['SELECT $1', /without parameters/],
    ['SELECT nullrate FROM profile', /nullrate/],
    ['SELECT * FROM profiles', /profiles does not exist/],
    ['', /expected one SELECT, and not 0 statements/],
  ])('is refused before anything is scored: %s', async (sql, message) => {
    await expect(bindProfileQueries([check(sql)])).rejects.toMatchObject({
      code: 'CHECK_SQL_INVALID',
      where: 'checks "few"',
      message: expect.stringMatching(message),
    });
    expect(await query(sql)).toEqual({ fault: expect.stringMatching(message) });
  });

  it('is bound to an empty profile, whatever the other checks are', async () => {
    const rows: Check = { name: 'r', kind: 'rejected', max: 0.1, severity: 'fail' };
    await bindProfileQueries([rows, check('SELECT name FROM profile WHERE max > 1')]);
    await bindProfileQueries(undefined);
  });
});
