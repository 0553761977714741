import type { JobDefinition } from '@shardmill/core';
import { identity } from '@shardmill/test-kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { score, type Scored } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
beforeEach(() => place.write('model.onnx', identity({ type: 'float64' })));

const rowsOf = (from: number, to: number): string =>
  `SELECT i AS id, i / 4.0 AS x, DATE '2026-01-01' + (i // 100)::INT AS day FROM range(${from}, ${to}) r(i)`;
const COLUMNS = { id: 'id', y: 'y' };

let runs = 0;
/** The ids of the result, each checked to have its own score. */
async function ids(
  input: JobDefinition['input'],
  change: Partial<JobDefinition> = {},
): Promise<{ ids: number[]; scored: Scored; out: string }> {
  const out = `out${runs++}`;
  const scored = await score(place, {
    input,
    features: { x: 'x' },
    ...change,
    output: { columns: COLUMNS, ...change.output, uri: out },
  });
  const rows = await place.results('id::INT AS id, y', out);
  expect(rows.filter((row) => row['y'] !== Number(row['id']) / 4)).toEqual([]);
  return { ids: rows.map((row) => Number(row['id'])), scored, out };
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

describe('input', () => {
  it('may be a file, a folder with subfolders, a glob, or a list of them', async () => {
    await place.writeParquet('data/a.parquet', rowsOf(0, 10));
    await place.writeParquet('data/b/c.parquet', rowsOf(10, 20));
    await place.writeParquet('data/b/d.parquet', rowsOf(20, 30));
    await place.writeParquet('data/_hidden/e.parquet', 'SELECT 1 AS other');
    await place.writeParquet('data/.f.parquet', 'SELECT 1 AS other');
    await place.write('data/README.txt', 'no Parquet');
    const cases: [JobDefinition['input']['uri'], number[]][] = [
      ['data/a.parquet', range(0, 10)],
      [`file://${place.path('data/a.parquet')}`, range(0, 10)],
      ['data/', range(0, 30)],
      ['data/b/*.parquet', range(10, 30)],
      ['data/**/[cd].parquet', range(10, 30)],
      [
        ['data/b/d.parquet', 'data/a.parquet'],
        [...range(20, 30), ...range(0, 10)],
      ],
    ];
    for (const [uri, expected] of cases) {
      const found = (await ids({ uri })).ids;
      expect([uri, found.toSorted((a, b) => a - b)]).toEqual([
        uri,
        expected.toSorted((a, b) => a - b),
      ]);
    }
  });

  it('may be in folders and files whose names mean something to shells, globs and SQL', async () => {
    const names = ["it's [1]{a,b}", 'data *?', 'ünï "quoted" %20'];
    for (const [i, name] of names.entries()) {
      await place.write(`${name}/x`, '');
      await place.sql(
        `COPY (${rowsOf(i * 10, i * 10 + 10)}) TO '${place.path(name).replaceAll("'", "''")}/p=[q].parquet' (FORMAT parquet)`,
      );
    }
    expect((await ids({ uri: names })).ids.toSorted((a, b) => a - b)).toEqual(range(0, 30));
    // Rejected rows are read back by their own names, too.
    const { manifest } = await score(place, {
      input: { uri: names[0] ?? '' },
      features: { x: 'CASE WHEN id <> 3 THEN x END' },
      output: { uri: `${names[0]}-out [x]`, columns: COLUMNS },
      errors: { maxRejectedRows: 1 },
    });
    expect(manifest.rows).toMatchObject({ scored: 9, rejected: 1 });
  });

  it('takes columns that some files lack as null, if asked', async () => {
    await place.writeParquet('data/a.parquet', `SELECT * EXCLUDE (x) FROM (${rowsOf(0, 10)})`);
    await place.writeParquet('data/b.parquet', rowsOf(10, 20));
    await place.writeParquet('data/c.parquet', `SELECT *, 'c' AS extra FROM (${rowsOf(20, 30)})`);
    const {
      ids: found,
      scored,
      out,
    } = await ids(
      { uri: 'data', missingColumns: 'null' },
      {
        errors: { maxRejectedRows: 10 },
        output: { uri: '', columns: { ...COLUMNS, extra: 'extra', day: 'day' } },
      },
    );
    expect(found).toEqual(range(10, 30));
    expect(scored.manifest.rows).toMatchObject({ scored: 20, rejected: 10 });
    expect(await place.results('count(extra) AS n, count(day) AS days', out)).toEqual([
      { n: 10, days: 20 },
    ]);
  });

  it('widens types that differ between files: int32 and int64, float and double', async () => {
    await place.writeParquet(
      'data/a.parquet',
      'SELECT i::INTEGER AS id, (i / 4)::FLOAT AS x FROM range(10) r(i)',
    );
    await place.writeParquet(
      'data/b.parquet',
      'SELECT i::BIGINT AS id, (i / 4)::DOUBLE AS x FROM range(10, 20) r(i)',
    );
    await place.writeParquet(
      'data/c.parquet',
      'SELECT i::SMALLINT AS id, (i / 4)::FLOAT AS x FROM range(20, 30) r(i)',
    );
    const { ids: found, scored } = await ids({ uri: 'data' });
    expect(found).toEqual(range(0, 30));
    expect(scored.plan.scoring.input.columns).toEqual([
      { name: 'id', type: 'BIGINT' },
      { name: 'x', type: 'DOUBLE' },
    ]);
  });
});

describe('hive partitions', () => {
  beforeEach(async () => {
    let from = 0;
    for (const country of ['AE', 'DE', '__HIVE_DEFAULT_PARTITION__', 'a%20b']) {
      for (const month of ['9', '10']) {
        await place.writeParquet(
          `data/country=${country}/month=${month}/x.parquet`,
          rowsOf(from, from + 50),
        );
        from += 50;
      }
    }
  });
  const columns = { ...COLUMNS, country: 'country', month: 'month' };

  it('are columns with types of their own, which where prunes by', async () => {
    const {
      ids: found,
      scored,
      out,
    } = await ids(
      { uri: 'data', where: "month = 10 AND country <> 'DE'" },
      { output: { uri: '', columns } },
    );
    const rows = await place.results('DISTINCT country, month, typeof(month) AS type', out);
    expect(rows).toEqual([
      { country: 'AE', month: 10, type: 'BIGINT' },
      { country: 'a b', month: 10, type: 'BIGINT' },
    ]);
    expect(found).toHaveLength(100);
    expect(scored.plan.totals).toMatchObject({ rows: 100, prunedRows: 300 });
    expect(scored.manifest.rows).toEqual({ read: 400, scored: 100, rejected: 0, filtered: 300 });
  });

  it('filter right where they decide single rows only', async () => {
    const where =
      "(month = 9 AND id % 2 = 0) OR (country IS NULL AND id % 5 = 0) OR country = 'a b'";
    const { ids: found } = await ids({ uri: 'data', where });
    const expected = await place.sql(
      `SELECT id::INT AS id FROM read_parquet('${place.path('data')}/**/*.parquet', hive_partitioning = true, hive_types = {'month': BIGINT}) WHERE ${where.replace('country IS NULL', "country = '__HIVE_DEFAULT_PARTITION__' OR country IS NULL").replaceAll('(country', '((country').replace('IS NULL AND', 'IS NULL) AND')} ORDER BY id`,
    );
    expect(found.toSorted((a, b) => a - b)).toEqual(expected.map((row) => Number(row['id'])));
  });

  it('are no columns where that is not wanted', async () => {
    await expect(
      ids({ uri: 'data', hivePartitioning: false }, { output: { uri: '', columns } }),
    ).rejects.toMatchObject({ code: 'COLUMN_NOT_FOUND' });
  });
});

describe('pruning by statistics', () => {
  it.each([
    'id BETWEEN 2000 AND 2100 OR id IN (9999, 20000) OR x IS NULL',
    "day >= DATE '2026-03-01' AND day < '2026-03-05'",
    'x > 20.25 AND id <= 3000 AND flag',
    'NOT (id < 9000) AND id % 3 = 0',
    "word = 'w00042' OR word > 'w09990'",
  ])('gives what reading everything gives: %s', async (where) => {
    const query = `SELECT *, 'w' || lpad(id::VARCHAR, 5, '0') AS word, id < 5000 AS flag FROM (${rowsOf(0, 10_000)})`;
    await place.writeParquet('data/a.parquet', query, 'ROW_GROUP_SIZE 2048');
    const { ids: found, scored } = await ids({ uri: 'data', where });
    const expected = await place.sql(
      `SELECT id::INT AS id FROM (${query}) WHERE ${where} ORDER BY id`,
    );
    expect(found).toEqual(expected.map((row) => Number(row['id'])));
    const { totals } = scored.plan;
    expect(totals.prunedRows).toBeGreaterThan(0);
    expect(totals.rows + totals.prunedRows).toBe(10_000);
    expect(scored.manifest.rows).toMatchObject({
      read: 10_000,
      scored: found.length,
      filtered: 10_000 - found.length,
    });
  });
});
