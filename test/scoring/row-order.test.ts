import { failsOnRows, identity, sumColumns } from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import { score, type ScoreOptions, type Scored } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';
import type { JobDefinition } from '@shardmill/core';

const place = useWorkplace();

/** A job whose model gives the id back, so that a row and its score can be matched. */
async function scoreIds(
  change: Partial<JobDefinition> = {},
  options: ScoreOptions = {},
): Promise<Scored> {
  await place.write('model.onnx', identity({ type: 'int64' }));
  return score(
    place,
    {
      features: { x: 'id' },
      output: { uri: 'out', columns: { id: 'id', y: 'y', word: 'word' } },
      plan: { partRows: 5000, shardParts: 2 },
      ...change,
    },
    options,
  );
}

/** Ids of the result in order, after every row was found to be whole. */
async function ids(): Promise<number[]> {
  const rows = await place.results('id, y, word');
  const broken = rows.filter(
    (row) => row['id'] !== row['y'] || row['word'] !== `word ${String(row['id'])}`,
  );
  expect(broken).toEqual([]);
  return rows.map((row) => Number(row['id']));
}

const numbered = (from: number, to: number, id = 'i'): string =>
  `SELECT ${id}::BIGINT AS id, 'word ' || ${id}::BIGINT AS word, i % 7 AS k FROM range(${from}, ${to}) r(i)`;
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

describe('a row keeps its score', () => {
  it('over parts, row groups and batches of odd sizes, with two lanes', async () => {
    await place.writeParquet('data/a.parquet', numbered(0, 20_000), 'ROW_GROUP_SIZE 2048');
    const { manifest, plan } = await scoreIds({}, { batchRows: 1000, lanes: 2 });
    expect(plan.totals).toMatchObject({ rows: 20_000, parts: 4, shards: 2 });
    expect(manifest.rows).toEqual({ read: 20_000, scored: 20_000, rejected: 0, filtered: 0 });
    expect(await ids()).toEqual(range(0, 20_000));
  });

  it('in batches of 7 rows, which no chunk of DuckDB is a multiple of', async () => {
    await place.writeParquet('data/a.parquet', numbered(0, 5000));
    await scoreIds({}, { batchRows: 7, lanes: 2 });
    expect(await ids()).toEqual(range(0, 5000));
  });

  it('in batches larger than the data', async () => {
    await place.writeParquet('data/a.parquet', numbered(0, 3000));
    await scoreIds({}, { batchRows: 100_000 });
    expect(await ids()).toEqual(range(0, 3000));
  });

  it('with a filter that leaves rows here and there, and none in some parts', async () => {
    await place.writeParquet('data/a.parquet', numbered(0, 20_000), 'ROW_GROUP_SIZE 2048');
    const { manifest } = await scoreIds(
      { input: { uri: 'data', where: 'k = 3 AND (id < 6000 OR id * 1 >= 16000)' } },
      { batchRows: 100 },
    );
    const expected = range(0, 20_000).filter((i) => i % 7 === 3 && (i < 6000 || i >= 16_000));
    expect(manifest.rows).toEqual({
      read: 20_000,
      scored: expected.length,
      rejected: 0,
      filtered: 20_000 - expected.length,
    });
    expect(await ids()).toEqual(expected);
  });

  it('over parts that are made of many small files, with and without a filter', async () => {
    for (let i = 0; i < 30; i++) {
      await place.writeParquet(
        `data/${String(i).padStart(2, '0')}.parquet`,
        numbered(i * 100, i * 100 + 100),
      );
    }
    const { plan } = await scoreIds({ plan: { partRows: 1000, shardParts: 2 } }, { batchRows: 64 });
    expect(plan.totals).toMatchObject({ files: 30, parts: 3 });
    expect(await ids()).toEqual(range(0, 3000));
    await scoreIds({
      input: { uri: 'data', where: 'k <> 1' },
      output: { uri: 'out', columns: { id: 'id', y: 'y', word: 'word' }, mode: 'overwrite' },
    });
    expect(await ids()).toEqual(range(0, 3000).filter((i) => i % 7 !== 1));
  });

  it('over files with other orders, cases and types of columns', async () => {
    await place.writeParquet('data/a.parquet', numbered(0, 1000));
    await place.writeParquet('data/b.parquet', `SELECT k, word, id FROM (${numbered(1000, 2000)})`);
    await place.writeParquet(
      'data/c.parquet',
      `SELECT word AS WORD, id::INTEGER AS Id, k FROM (${numbered(2000, 3000)})`,
    );
    await place.writeParquet(
      'data/d.parquet',
      `SELECT *, 'more' AS extra FROM (${numbered(3000, 4000)})`,
    );
    await scoreIds({ plan: { partRows: 1500 } }, { batchRows: 333 });
    expect(await ids()).toEqual(range(0, 4000));
  });

  it('in one file with one huge row group, split into parts', async () => {
    await place.writeParquet('data/a.parquet', numbered(0, 300_000), 'ROW_GROUP_SIZE 500000');
    const { plan, manifest } = await scoreIds({ plan: { partRows: 50_000, shardParts: 2 } });
    expect(plan.totals).toMatchObject({ rowGroups: 1, parts: 6, shards: 3, rows: 300_000 });
    expect(manifest.parts.map(({ rows }) => rows.scored)).toEqual(range(0, 6).map(() => 50_000));
    const [check] = await place.sql(
      `SELECT count(*) AS n, bool_and(id = y AND word = 'word ' || id) AS whole,
              bool_and(id = i) AS ordered
       FROM (SELECT *, row_number() OVER () - 1 AS i
             FROM read_parquet('${place.path('out')}/*.parquet'))`,
    );
    expect(check).toEqual({ n: 300_000, whole: true, ordered: true });
  });

  it('over hive partitions', async () => {
    for (const [i, country] of ['AE', 'DE', 'FR'].entries()) {
      await place.writeParquet(
        `data/country=${country}/day=2026-01-0${i + 1}/x.parquet`,
        numbered(i * 1000, i * 1000 + 1000),
      );
    }
    await scoreIds({
      output: {
        uri: 'out',
        columns: { id: 'id', y: 'y', word: 'word', country: 'country', day: 'day' },
      },
    });
    expect(await ids()).toEqual(range(0, 3000));
    const groups = await place.sql(
      `SELECT country, day::VARCHAR AS day, typeof(day) AS type, min(id) AS low, count(*) AS n
       FROM read_parquet('${place.path('out')}/*.parquet') GROUP BY ALL ORDER BY low`,
    );
    expect(groups).toEqual([
      { country: 'AE', day: '2026-01-01', type: 'DATE', low: 0, n: 1000 },
      { country: 'DE', day: '2026-01-02', type: 'DATE', low: 1000, n: 1000 },
      { country: 'FR', day: '2026-01-03', type: 'DATE', low: 2000, n: 1000 },
    ]);
  });
});

describe('a row keeps its score beside rejected rows', () => {
  it.each<[string, (id: number) => boolean, number]>([
    [
      'the first and the last of every batch, a whole batch, and several in a row',
      (id) =>
        id % 100 === 0 || id % 100 === 99 || (id >= 1000 && id < 1100) || (id >= 3000 && id < 3950),
      100,
    ],
    ['the first batches, which are the first part', (id) => id < 2048, 512],
    ['a part in the middle', (id) => id >= 2048 && id < 4096, 7],
    [
      'around the border of a chunk, and the last',
      (id) => (id > 2045 && id < 2051) || id > 5900,
      1000,
    ],
    ['every second one', (id) => id % 2 === 1, 7],
    ['all', () => true, 1000],
  ])('that are %s', async (_what, isBad, batchRows) => {
    const bad = range(0, 6000).filter(isBad);
    const good = range(0, 6000).filter((id) => !isBad(id));
    await place.writeParquet(
      'data/a.parquet',
      `SELECT id, word, CASE WHEN NOT list_contains([${bad.join()}], id) THEN id END AS x
       FROM (${numbered(0, 6000)})`,
      'ROW_GROUP_SIZE 2048',
    );
    const { manifest, plan } = await scoreIds(
      { features: { x: 'x' }, plan: { partRows: 2048 }, errors: { maxRejectedRows: '100%' } },
      { batchRows, lanes: 2 },
    );
    expect(plan.totals.parts).toBe(3);
    expect(manifest.rows).toEqual({
      read: 6000,
      scored: good.length,
      rejected: bad.length,
      filtered: 0,
    });
    expect(await ids()).toEqual(good);
    const rejected = await place.sql(
      `SELECT _row, _reason, _file FROM read_parquet('${place.path('out')}/_shardmill/*/rejected/*')`,
    );
    expect(rejected).toEqual(
      bad.map((_row) => ({
        _row,
        _reason: 'feature x: "x" is null or out of range',
        _file: place.path('data/a.parquet'),
      })),
    );
  });

  it('that the model throws for, among those that are null and those that are filtered', async () => {
    await place.writeParquet(
      'data/a.parquet',
      `SELECT id, CASE WHEN id % 11 <> 0 THEN id END AS x, word, k FROM (${numbered(0, 3000)})`,
    );
    await place.write('model.onnx', failsOnRows({ tableSize: 2500 }));
    const { manifest } = await score(
      place,
      {
        input: { uri: 'data', where: 'k <> 5' },
        features: { id: 'x' },
        output: { uri: 'out', columns: { id: 'id', value: 'value' } },
        errors: { maxRejectedRows: '90%' },
      },
      { batchRows: 64, lanes: 2 },
    );
    const all = range(0, 3000).filter((i) => i % 7 !== 5);
    const good = all.filter((i) => i % 11 !== 0 && i < 2500);
    expect(manifest.rows).toEqual({
      read: 3000,
      scored: good.length,
      rejected: all.length - good.length,
      filtered: 3000 - all.length,
    });
    expect(await place.results('id, value')).toEqual(good.map((id) => ({ id, value: id + 0.5 })));
    const reasons = await place.sql(
      `SELECT _reason LIKE 'model: %indices element out of data bounds%' AS model, count(*) AS n
       FROM read_parquet('${place.path('out')}/_shardmill/*/rejected/*') GROUP BY 1 ORDER BY 1`,
    );
    expect(reasons).toEqual([
      { model: false, n: all.filter((i) => i % 11 === 0).length },
      { model: true, n: all.filter((i) => i % 11 !== 0 && i >= 2500).length },
    ]);
  });

  it('in files of their own rows: _file and _row say which', async () => {
    for (const name of ['a', 'b', 'c']) {
      await place.writeParquet(
        `data/${name}.parquet`,
        `SELECT i::FLOAT AS p, CASE WHEN i <> 4 THEN i::FLOAT END AS q FROM range(10) r(i)`,
      );
    }
    await place.write('model.onnx', sumColumns({ names: ['p', 'q'] }));
    await score(place, {
      features: {},
      output: { uri: 'out', columns: { sum: 'sum' } },
      errors: { maxRejectedRows: 3 },
    });
    expect(
      await place.sql(
        `SELECT _file, _row FROM read_parquet('${place.path('out')}/_shardmill/*/rejected/*')`,
      ),
    ).toEqual(
      ['a', 'b', 'c'].map((name) => ({ _file: place.path(`data/${name}.parquet`), _row: 4 })),
    );
  });
});
