import { copyFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { numbered, useWorkplace } from '../support/workplace.js';
import { score } from '../support/score.js';

const place = useWorkplace();

const output = (targetFileBytes: number | string) => ({
  output: { uri: 'out', targetFileBytes, columns: { id: 'id', score: 'score' } },
});

const ids = () => place.results('count(*) AS n, count(DISTINCT id) AS ids, max(id) AS last');

test('2,000 tiny files become a few, with every row once, in order, and rejected rows by file', async () => {
  const files = 2000;
  await place.prepare({ rows: 0 });
  await place.writeParquet('tiny.parquet', numbered(5));
  const bad = `SELECT * REPLACE (CASE WHEN id = 103 THEN NULL ELSE a END AS a) FROM (${numbered(5, 100)})`;
  await place.writeParquet('data/b/bad.parquet', bad);
  for (let i = 0; i < files; i++) {
    await copyFile(place.path('tiny.parquet'), place.path(`data/${1000 + i}.parquet`));
  }
  const { manifest, plan } = await score(
    place,
    { ...output('1MiB'), errors: { maxRejectedRows: 1 } },
    {},
  );
  expect(manifest.rows).toMatchObject({ read: 5 * files + 5, scored: 5 * files + 4, rejected: 1 });
  // A part takes up to 1,000 files.
  expect(manifest.parts.length).toBeLessThanOrEqual(3);
  expect(plan.partSize?.target).toMatchObject({ fileBytes: 1024 ** 2, measured: 1 });
  expect(await ids()).toEqual([{ n: 5 * files + 4, ids: 9, last: 104 }]);
  const rejected = `read_parquet('${place.path('out/_shardmill/*/rejected/*')}')`;
  expect(await place.sql(`SELECT _file, _row FROM ${rejected}`)).toEqual([
    { _file: place.path('data/b/bad.parquet'), _row: 3 },
  ]);
});

test('one large file becomes files of about the size that the job wants', async () => {
  const rows = 200_000;
  await place.prepare({ rows: 0 });
  const query = `SELECT (hash(id) >> 1)::BIGINT AS id, sin(id) AS a, cos(id) AS b, (id % 13)::DOUBLE AS c`;
  await place.writeParquet('data/big.parquet', `${query} FROM (${numbered(rows)})`);
  const target = 384 * 1024;
  const { manifest } = await score(place, output(target), {});
  expect(await ids()).toMatchObject([{ n: rows, ids: rows }]);
  const sizes = manifest.parts.map(({ bytes }) => bytes);
  expect(sizes.length).toBeGreaterThan(3);
  expect(Math.max(...sizes)).toBeLessThan(2 * target);
  expect(Math.min(...sizes)).toBeGreaterThan(target / 2);
});
