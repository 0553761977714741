import { readdir, rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { Gate } from '../support/gate.js';
import { finishedMarks, sha256Of } from '../support/output-folder.js';
import { score, WAYS } from '../support/scoring-ways.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

const partitioned = (
  partitionBy: string[],
  columns: Record<string, string>,
  mode: 'create' | 'append' | 'overwrite' = 'create',
) => ({ output: { uri: 'out', mode, partitionBy, columns: { id: 'id', ...columns } } });

/** Visible files by name. */
async function filesOf(out: string): Promise<string[]> {
  const names = await readdir(place.path(out), { recursive: true });
  return names.filter((name) => name.endsWith('.parquet')).toSorted();
}

/** All rows as a reader of Hive's layout finds them. */
const rowsOf = (columns: string) =>
  place.sql(
    `SELECT ${columns} FROM read_parquet('${place.path('out')}/**/*.parquet',
       hive_partitioning = true, hive_types_autocast = false)`,
  );

describe.each(WAYS)('rows by partition, with a single pass %s', (way) => {
  test('lie in folders named after their values, each of a part in one file', async () => {
    await place.prepare({ rows: 5000 });
    const columns = {
      place: `CASE id % 5 WHEN 0 THEN NULL WHEN 1 THEN 'a/b=%' WHEN 2 THEN 'NULL' WHEN 3 THEN 'é' ELSE '..' END`,
      even: 'id % 2 = 0',
      score: 'score',
    };
    const job = { ...partitioned(['place', 'even'], columns), plan: { partRows: 2048 } };
    const { manifest, plan } = await score(place, job, way);
    expect(manifest.rows).toMatchObject({ read: 5000, scored: 5000 });
    expect(manifest.partitionBy).toEqual(['place', 'even']);
    const files = await filesOf('out');
    expect(manifest.parts.map(({ key }) => key).toSorted()).toEqual(files);
    expect(plan.totals.parts).toBeGreaterThan(1);
    expect(files).toHaveLength(10 * plan.totals.parts);
    const values = ['__HIVE_DEFAULT_PARTITION__', 'a%2Fb%3D%25', '%4EULL', 'é', '..'];
    expect([...new Set(files.map((name) => name.replace(/part-.*/, '')))].toSorted()).toEqual(
      values
        .flatMap((value) => [`place=${value}/even=true/`, `place=${value}/even=false/`])
        .toSorted(),
    );
    const wrong = `place IS DISTINCT FROM (${columns.place}) OR even <> (${columns.even})::VARCHAR`;
    expect(
      await rowsOf(`count(DISTINCT id) AS ids, count(*) AS n, count(*) FILTER (${wrong}) AS wrong`),
    ).toEqual([{ ids: 5000, n: 5000, wrong: 0 }]);
    const [contents] = await place.sql(`SELECT list(DISTINCT names) AS names FROM (
      SELECT file_name, string_agg(name, ' ' ORDER BY name) AS names
      FROM parquet_schema('${place.path('out')}/**/*.parquet') WHERE type IS NOT NULL GROUP BY 1)`);
    expect(contents).toMatchObject({ names: { items: ['id score'] } });
    const unordered = await place.sql(`FROM (
      SELECT id < lag(id) OVER (PARTITION BY filename ORDER BY file_row_number) AS back
      FROM read_parquet('${place.path('out')}/**/*.parquet', filename = true, file_row_number = true)
      ) WHERE back`);
    expect(unordered).toEqual([]);
    const { place: ofPlace, score: ofScore } = manifest.statistics;
    expect(ofPlace).toMatchObject({ count: 5000, nulls: 1000 });
    expect(ofScore).toMatchObject({ count: 5000, nulls: 0, nan: 0 });
  });

  test('leave no file of rows that are rejected or filtered', async () => {
    await place.prepare({ rows: 0 });
    await place.writeParquet(
      'data/a.parquet',
      `SELECT i AS id, if(i % 2 = 0, NULL, 1.0) AS a, 1.0 AS b, 1.0 AS c, 'p' || i % 4 AS p
       FROM range(40) r(i)`,
    );
    const job = {
      ...partitioned(['p'], { p: 'p', score: 'score' }),
      input: { uri: 'data', where: "p <> 'p3'" },
      errors: { maxRejectedRows: 20 },
    };
    const { manifest } = await score(place, job, way);
    expect(manifest.rows).toMatchObject({ scored: 10, rejected: 20, filtered: 10 });
    expect(manifest.parts).toMatchObject([{ partition: { p: 'p1' }, rows: { scored: 10 } }]);
    expect(await filesOf('out')).toEqual(manifest.parts.map(({ key }) => key));
  });
});

test('a part has up to 200 partitions, and more are refused', async () => {
  await place.prepare({ rows: 3000 });
  const by = (values: number) =>
    score(place, partitioned(['p'], { p: `id % ${values}`, score: 'score' }, 'overwrite'));
  expect((await by(200)).manifest.parts).toHaveLength(200);
  await expect(by(201)).rejects.toMatchObject({
    code: 'PARTITION_LIMIT',
    message: expect.stringContaining('more than 200 combinations of p'),
  });
});

test('a value that no folder can be named after is refused before anything is scored', async () => {
  await place.prepare({ rows: 10 });
  const columns = { p: "if(id = 7, '', 'x')", score: 'score' };
  await expect(score(place, partitioned(['p'], columns))).rejects.toMatchObject({
    code: 'PARTITION_VALUE',
    message: expect.stringContaining('"p" is an empty text'),
    remedy: expect.stringContaining("nullif(p, '')"),
  });
  expect(await filesOf('out')).toEqual([]);
});

test('a later run adds to partitions, or replaces those of all earlier runs', async () => {
  await place.prepare({ rows: 40 });
  const run = (mode: 'append' | 'overwrite', where: string) =>
    score(place, {
      ...partitioned(['p'], { p: 'id % 3', score: 'score' }, mode),
      input: { uri: 'data', where },
    });
  await run('append', 'id < 20');
  await run('append', 'id >= 20');
  expect(await rowsOf('count(*) AS n, count(DISTINCT id) AS ids')).toEqual([{ n: 40, ids: 40 }]);
  const { manifest } = await run('overwrite', 'id < 0');
  expect(manifest.parts).toEqual([]);
  expect(await filesOf('out')).toEqual([]);
});

test('a run that is killed, also between the files of a part and its index, goes on', async () => {
  await place.prepare({ rows: 800 });
  const { output } = partitioned(['p'], { p: 'id % 3', score: 'score' });
  const gate = await Gate.before(500, place, { output });
  const run = place.start('run', 'job.json', '--json');
  const indexes = async (): Promise<string[]> => {
    const names = await readdir(place.path('out'), { recursive: true }).catch(() => []);
    return names.filter((name) => /_shardmill\/[^/]+\/parts\/.*\.json$/.test(name)).toSorted();
  };
  await waitFor('five parts', async () => (await indexes()).length === 5, run);
  run.kill('SIGKILL');
  await run.ended;
  expect(await finishedMarks(place.path('out'))).toEqual([]);
  const files = await filesOf('out');
  const digests = () => Promise.all(files.map((name) => sha256Of(place.path('out', name))));
  const before = await digests();
  // As if it had been killed before it created all: the last part, of a shard without a record.
  await rm(place.path('out', (await indexes()).at(-1) ?? ''));
  await rm(place.path('out', files.find((name) => name.includes('-000002-000000')) ?? ''));
  await gate.open();
  const again = runOf(await place.shardmill('run', 'job.json', '--json'));
  expect(again).toMatchObject({ resumed: true, rows: { read: 800, scored: 800 } });
  expect(await indexes()).toHaveLength(8);
  expect(await digests()).toEqual(before);
  expect(await rowsOf('count(*) AS n, count(DISTINCT id) AS ids')).toEqual([{ n: 800, ids: 800 }]);
});
