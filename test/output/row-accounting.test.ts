import { stat } from 'node:fs/promises';
import { failsOnRows } from '@shardmill/test-kit';
import { expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { keyValues, readByHyparquet, readByParquetjs } from '../support/other-readers.js';
import { partFacts, sha256Of } from '../support/output-folder.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

/**
 * Rows of all fates, from a hash of their number: filtered by `where` (or by its being null),
 * rejected for a null feature, rejected by the model, scored. Ids come twice and out of order.
 */
const ROWS = `SELECT (hash(i) % 4000)::BIGINT AS id,
    CASE WHEN hash(i, 1) % 20 = 0 THEN NULL
         WHEN hash(i, 1) % 20 = 1 THEN 1000 + hash(i, 2) % 50
         ELSE hash(i, 2) % 1000 END::BIGINT AS k,
    CASE WHEN hash(i, 3) % 9 > 0 THEN (hash(i, 3) % 9)::DOUBLE END AS keep,
    (hash(i, 4) % 10000) / 100.0 - 30 AS x`;

async function prepareRows(): Promise<void> {
  for (const [name, from, to] of [
    ['a', 0, 4500],
    ['b', 4500, 4600],
    ['c', 4600, 6000],
  ] as const) {
    const query = `${ROWS} FROM range(${from}, ${to}) r(i)`;
    await place.writeParquet(`data/${name}.parquet`, query, 'ROW_GROUP_SIZE 2048');
  }
  await place.write('model.onnx', failsOnRows({ tableSize: 1000 }));
  await place.writeJob({
    input: { uri: 'data', where: 'keep >= 3' },
    features: { id: 'k' },
    output: {
      uri: 'out',
      columns: {
        id: 'id',
        k: 'k',
        value: 'value',
        mixed:
          "CASE WHEN id % 7 = 0 THEN NULL WHEN id % 11 = 0 THEN 'nan'::DOUBLE WHEN id % 401 = 0 THEN 'inf'::DOUBLE ELSE value * x END",
      },
      compression: 'snappy',
    },
    errors: { maxRejectedRows: '50%' },
    plan: { partRows: 700, shardParts: 2 },
  });
}

const run = async () => runOf(await place.shardmill('run', 'job.json', '--json'));

/** What became of each row, by SQL over the input alone. */
const FATES = `SELECT *, CASE WHEN NOT coalesce(keep >= 3, false) THEN 'filtered'
  WHEN k IS NULL OR k >= 1000 THEN 'rejected' ELSE 'scored' END AS fate`;

test('every row of the input is scored, rejected or filtered, once', async () => {
  await prepareRows();
  const { runId, rows, parts } = await run();
  const input = `'${place.path('data/*.parquet')}'`;
  const out = `'${place.path('out/*.parquet')}'`;
  const rejected = `read_parquet('${place.path('out/_shardmill', runId, 'rejected/*')}')`;
  const expected = await place.sql(
    `SELECT count(*) AS read, count_if(fate = 'scored') AS scored,
            count_if(fate = 'rejected') AS rejected, count_if(fate = 'filtered') AS filtered
     FROM (${FATES} FROM ${input})`,
  );
  expect([rows]).toEqual(expected);
  expect(Math.min(rows.scored, rows.rejected, rows.filtered)).toBeGreaterThan(100);
  expect(parts).toBeGreaterThan(5);

  // They are compared as multisets of all values, in both directions.
  const scored = `SELECT id, k, (k + 0.5)::FLOAT AS value FROM (${FATES} FROM ${input}) WHERE fate = 'scored'`;
  const found = `SELECT id, k, value FROM ${out}`;
  expect(await place.sql(`(${scored}) EXCEPT ALL (${found})`)).toEqual([]);
  expect(await place.sql(`(${found}) EXCEPT ALL (${scored})`)).toEqual([]);
  const refused = `SELECT id, k, keep, x FROM (${FATES} FROM ${input}) WHERE fate = 'rejected'`;
  const kept = `SELECT id, k, keep, x FROM ${rejected}`;
  expect(await place.sql(`(${refused}) EXCEPT ALL (${kept})`)).toEqual([]);
  expect(await place.sql(`(${kept}) EXCEPT ALL (${refused})`)).toEqual([]);

  // A rejected row has where it came from, and why.
  const traced = await place.sql(
    `SELECT count(*) AS n, count_if(r.id IS NOT DISTINCT FROM i.id AND r.x = i.x) AS same,
       count_if((r.k IS NULL) = (r._reason LIKE 'feature id: %null%')
                AND (r.k IS NULL OR r._reason LIKE 'model: %idx=' || r.k || ' %')) AS explained
     FROM ${rejected} r JOIN (SELECT *, filename AS f, file_row_number AS n
       FROM read_parquet(${input}, filename = true, file_row_number = true)) i
     ON i.f = r._file AND i.n = r._row`,
  );
  expect(traced).toEqual([{ n: rows.rejected, same: rows.rejected, explained: rows.rejected }]);
});

test('the manifest describes the files as they are, and each says whose it is', async () => {
  await prepareRows();
  const { runId, rows } = await run();
  const manifest = await place.manifest(runId);
  const facts = await partFacts(place.path('out'));
  expect(manifest.parts.map(({ key }) => key).toSorted()).toEqual([...facts.keys()]);
  for (const object of [...manifest.parts, ...manifest.rejected]) {
    const file = place.path('out', object.key);
    expect({ bytes: object.bytes, sha256: object.sha256 }).toEqual({
      bytes: (await stat(file)).size,
      sha256: await sha256Of(file),
    });
  }
  const sum = (of: readonly number[]) => of.reduce((total, n) => total + n, 0);
  expect(sum(manifest.parts.map((part) => part.rows.scored))).toBe(rows.scored);
  expect(sum(manifest.rejected.map((object) => object.rows))).toBe(rows.rejected);
  expect(manifest.bytes).toBe(sum(manifest.parts.map((part) => part.bytes)));
  for (const part of manifest.parts) {
    const pairs = await keyValues(place.path('out', part.key));
    expect(Object.fromEntries(pairs)).toMatchObject({
      'shardmill.run': runId,
      'shardmill.job': 'test',
      'shardmill.model_sha256': await sha256Of(place.path('model.onnx')),
      'shardmill.plan_digest': manifest.planDigest,
      'shardmill.part': `${part.shard}/${part.part}`,
      'shardmill.rows': JSON.stringify(part.rows),
    });
  }
});

test('the statistics of the manifest are those of the result', async () => {
  await prepareRows();
  const { runId } = await run();
  const { statistics } = await place.manifest(runId);
  for (const column of ['value', 'mixed']) {
    const finite = `CASE WHEN isfinite(${column}) THEN ${column}::DOUBLE END`;
    const [expected] = await place.results(
      `count(*) AS count, count_if(${column} IS NULL) AS nulls, count_if(isnan(${column})) AS nan,
       count_if(isinf(${column})) AS infinite, min(${finite}) AS min, max(${finite}) AS max,
       avg(${finite}) AS mean`,
    );
    const { mean, deciles, points, ...exact } = statistics[column] ?? {};
    expect({ ...exact, mean }).toEqual({
      ...expected,
      mean: expect.closeTo(Number(expected?.['mean']), 9),
    });
    const counts = Array.isArray(points) ? points.map((point) => Number(point.count)) : [];
    const { count = 0, nulls = 0, nan = 0, infinite = 0 } = expected ?? {};
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(
      Number(count) - Number(nulls) - Number(nan) - Number(infinite),
    );
    const ranks = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `quantile_disc(${finite}, ${n / 10})`);
    const [quantiles] = await place.results(ranks.map((rank, n) => `${rank} AS q${n}`).join(', '));
    const found = Array.isArray(deciles) ? deciles.map(Number) : [];
    expect(found).toHaveLength(9);
    Object.values(quantiles ?? {}).forEach((quantile, n) => {
      const allowed = Math.abs(Number(quantile)) * 0.01;
      expect(Math.abs((found[n] ?? Number.NaN) - Number(quantile))).toBeLessThanOrEqual(allowed);
    });
  }
  expect(Number(statistics['mixed']?.['nan'])).toBeGreaterThan(0);
  expect(Number(statistics['mixed']?.['infinite'])).toBeGreaterThan(0);
  expect(Number(statistics['mixed']?.['nulls'])).toBeGreaterThan(0);
});

test.each([
  ['hyparquet', readByHyparquet],
  ['parquetjs-lite', readByParquetjs],
])('the parts are read alike by %s', async (_, read) => {
  await prepareRows();
  await run();
  const files = [...(await partFacts(place.path('out'))).keys()].map((name) =>
    place.path('out', name),
  );
  const text = (row: Record<string, unknown>): string =>
    [row['id'], row['k'], Number(row['value']), row['mixed'] ?? null].map(String).join(' ');
  const expected = (await place.results('id, k, value, mixed')).map(text);
  expect((await read(files)).map(text).toSorted()).toEqual(expected.toSorted());
});
