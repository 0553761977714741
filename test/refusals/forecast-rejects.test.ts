import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

async function notices(...options: string[]): Promise<string[]> {
  const ended = await place.shardmill('plan', 'job.json', '--json', ...options);
  expect(ended.code, ended.stdout).toBe(0);
  return JSON.parse(ended.stdout).notices;
}

/** `a` is null in every 10th row, `b` in every 100th of them, `c` in some rows of the second file only. */
async function prepare(job: object = {}): Promise<void> {
  await place.prepare({ rows: 10, job });
  const query = (first: number, c: string): string =>
    `SELECT i AS id, CASE WHEN i % 10 <> 0 THEN i / 7.0 END AS a,
            CASE WHEN i % 100 <> 0 THEN cos(i) END AS b, ${c}
     FROM range(${first}, ${first + 5000}) r(i)`;
  await place.writeParquet('data/a.parquet', query(0, 'i::DOUBLE AS c'), 'ROW_GROUP_SIZE 2048');
  await place.writeParquet(
    'data/b.parquet',
    query(5000, 'CASE WHEN i % 5 <> 1 THEN 1.5 END AS c'),
    'ROW_GROUP_SIZE 2048',
  );
}

test('a plan forecasts rejected rows from null counts, and the way to score them before the budget', async () => {
  await prepare();
  const [notice, ...others] = await notices();
  expect(others).toEqual([]);
  expect(notice).toBe(
    'at least 1,500 rows of 10,000 will be rejected: column "a" is null in 1,000 rows, column "c" is null in ' +
      '1,000 rows, column "b" is null in 100 rows. errors.maxRejectedRows allows 0, so the run would end ' +
      'with REJECTED_OVER_BUDGET. If the model takes NaN for a missing value, as XGBoost, LightGBM and ' +
      "CatBoost do, set nulls: 'nan'; else fill them in SQL with what the training used, for example " +
      'coalesce(a, 0). Or raise errors.maxRejectedRows to do without these rows.',
  );
});

test('it is as many as a run rejects, or fewer', async () => {
  await prepare({ errors: { maxRejectedRows: '50%' } });
  const [notice = ''] = await notices();
  expect(notice).toMatch(/^at least 1,500 rows/);
  expect(notice).not.toContain('REJECTED_OVER_BUDGET');
  const run = await place.shardmill('run', 'job.json', '--json');
  // Rows with a null in a or c; those with one in b have one in a.
  expect(JSON.parse(run.stdout).rows.rejected).toBe(2000);
});

test('a budget of the command line is the one that counts', async () => {
  await prepare();
  const run = await place.shardmill('run', 'job.json', '--max-rejected-rows', '2000');
  expect(run.code).toBe(0);
  expect(run.stderr).toContain('at least 1,500 rows of 10,000 will be rejected');
  expect(run.stderr).not.toContain('REJECTED_OVER_BUDGET');
});

test('a job that fails for nulls says so', async () => {
  await prepare({ nulls: 'fail' });
  expect(await notices()).toEqual([
    expect.stringMatching(/will fail with NULL_FEATURE.*"a" is null/),
  ]);
});

test.each<[string, object, string[]]>([
  ['nulls are NaN', { nulls: 'nan' }, []],
  [
    'nulls are filled',
    { features: { features: ['coalesce(a, 0)', 'coalesce(b, 0)', 'ifnull(c, 0)'] } },
    [],
  ],
  ['where may filter these rows', { input: { uri: 'data', where: 'id % 2 = 1' } }, []],
  ['only some rows are taken', {}, ['--limit', '20']],
])('nothing is said where %s', async (_what, job, options) => {
  await prepare(job);
  expect(await notices(...options)).toEqual([]);
});

test('a column that some files lack and a partition without a value are null there', async () => {
  await place.prepare({
    job: {
      input: { uri: 'data', missingColumns: 'null' },
      features: { features: ['a', 'b', 'p'] },
    },
  });
  await place.writeParquet(
    'data/p=1/a.parquet',
    'SELECT i AS id, 1.5 AS a, 2.5 AS b FROM range(30) r(i)',
  );
  await place.writeParquet(
    'data/p=__HIVE_DEFAULT_PARTITION__/a.parquet',
    'SELECT i AS id, 1.5 AS a, 2.5 AS b FROM range(20) r(i)',
  );
  await place.writeParquet('data/p=2/a.parquet', 'SELECT i AS id, 1.5 AS a FROM range(7) r(i)');
  await rm(place.path('data/a.parquet'));
  const [notice = ''] = await notices();
  expect(notice).toMatch(
    /^at least 27 rows of 57 .*"p" is null in 20 rows, column "b" is null in 7 rows/,
  );
});
