import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { logisticRegression, sumColumns } from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import { echoModel } from '../support/echo-model.js';
import { score } from '../support/score.js';
import { numbered, useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

describe('a result of no rows', () => {
  const isWhole = async (columns: [string, string][]): Promise<void> => {
    const described = await place.sql(
      `DESCRIBE FROM read_parquet('${place.path('out')}/*.parquet')`,
    );
    expect(described.map((row) => [row['column_name'], row['column_type']])).toEqual(columns);
    expect(await place.results('count(*) AS n')).toEqual([{ n: 0 }]);
    expect(existsSync(place.path('out/_SUCCESS'))).toBe(true);
  };

  it.each([
    ['an input without rows', numbered(0), undefined, 0],
    ['a where that statistics decide', numbered(5000), 'id < 0', 5000],
    ['a where that must be asked of every row', numbered(5000), 'id % 2 = 3', 5000],
  ])('is a file with a schema, statistics and _SUCCESS: %s', async (_what, query, where, read) => {
    await place.writeParquet('data/a.parquet', query);
    await place.write(
      'model.onnx',
      echoModel({ x: ['float32', 2], y: ['string', 'D'], z: ['int64'] }),
    );
    const { manifest } = await score(place, {
      input: { uri: 'data', ...(where === undefined ? {} : { where }) },
      features: { x: ['a', 'b'], y: ["'y'"], z: 'id' },
      output: {
        uri: 'out',
        columns: { id: 'id', x: 'x_out', y: 'y_out', z: 'z_out', half: 'x[1] / 2', word: "'w'" },
      },
    });
    await isWhole([
      ['id', 'BIGINT'],
      ['x', 'FLOAT[]'],
      ['y', 'VARCHAR[]'],
      ['z', 'BIGINT'],
      ['half', 'FLOAT'],
      ['word', 'VARCHAR'],
    ]);
    expect(manifest.rows).toEqual({ read, scored: 0, rejected: 0, filtered: read });
    expect(manifest.statistics['half']).toMatchObject({
      count: 0,
      nulls: 0,
      nan: 0,
      infinite: 0,
      min: null,
      max: null,
      mean: null,
      deciles: [],
    });
    expect(manifest.statistics['word']).toEqual({ count: 0, nulls: 0 });
    expect(await readFile(place.path('out/_SUCCESS'), 'utf8')).toContain(manifest.runId);
  });

  it('may have every row rejected', async () => {
    await place.writeParquet(
      'data/a.parquet',
      'SELECT i AS id, NULL::FLOAT AS x FROM range(100) r(i)',
    );
    await place.write('model.onnx', echoModel({ x: ['float32', 'D'] }));
    const { manifest } = await score(place, {
      features: { x: ['x', 'x'] },
      output: { uri: 'out', columns: { id: 'id', x: 'x_out' } },
      errors: { maxRejectedRows: '100%' },
    });
    await isWhole([
      ['id', 'BIGINT'],
      ['x', 'FLOAT[]'],
    ]);
    expect(manifest.rows).toMatchObject({ scored: 0, rejected: 100 });
  });
});

describe('sizes at the edge', () => {
  it('one row', async () => {
    await place.prepare({ rows: 1 });
    const { manifest } = await score(place);
    expect(manifest.rows).toMatchObject({ read: 1, scored: 1 });
    expect(await place.results('id')).toEqual([{ id: 0 }]);
  });

  it('3,000 files of 10 rows, in parts of many files', async () => {
    const first = await place.writeParquet('first.parquet', numbered(10));
    await mkdir(place.path('data'));
    for (let i = 0; i < 3000; i += 100) {
      const names = Array.from({ length: 100 }, (_, j) =>
        place.path(`data/${String(i + j).padStart(5, '0')}.parquet`),
      );
      await Promise.all(names.map((name) => copyFile(first, name)));
    }
    await place.write('model.onnx', logisticRegression({ features: 3 }));
    const { plan, manifest } = await score(place);
    expect(plan.totals).toMatchObject({ files: 3000, rows: 30_000, parts: 3 });
    expect(manifest.rows).toMatchObject({ read: 30_000, scored: 30_000 });
    const [check] = await place.sql(
      `SELECT count(*) AS ids, min(n) AS low, max(n) AS high, max(scores) AS scores FROM (
         SELECT id, count(*) AS n, count(DISTINCT score) AS scores
         FROM read_parquet('${place.path('out')}/*.parquet') GROUP BY id)`,
    );
    expect(check).toEqual({ ids: 10, low: 3000, high: 3000, scores: 1 });
  });

  it('2,000 columns of which 3 are used: bytes to read follow the 3', async () => {
    const names = Array.from({ length: 2000 }, (_, i) => `c${i}`);
    const columns = names.map((name, i) => `hash(i + ${i}) / 1e19 AS ${name}`).join();
    await place.writeParquet('data/a.parquet', `SELECT ${columns} FROM range(1000) r(i)`);
    await place.write('model.onnx', sumColumns({ names: ['c7', 'c1999'] }));
    const { plan, manifest } = await score(place, {
      features: {},
      output: { uri: 'out', columns: { c0: 'c0', sum: 'sum' } },
    });
    expect(plan.scoring.input.used).toEqual(['c0', 'c7', 'c1999']);
    const [used] = await place.sql(
      `SELECT sum(total_compressed_size)::INT AS bytes FROM parquet_metadata('${place.path('data/a.parquet')}')
       WHERE path_in_schema IN ('c0', 'c7', 'c1999')`,
    );
    expect(plan.totals.bytesToRead).toBe(used?.['bytes']);
    expect(plan.totals.bytesToRead).toBeLessThan(plan.totals.bytes / 500);
    expect(manifest.rows).toMatchObject({ scored: 1000 });
  });

  it('2,000 columns that are all handed on', async () => {
    const columns = Array.from({ length: 2000 }, (_, i) => `i + ${i} AS c${i}`).join();
    await place.writeParquet('data/a.parquet', `SELECT ${columns} FROM range(10) r(i)`);
    await place.write('model.onnx', sumColumns({ names: ['c7', 'c1999'] }));
    await score(place, {
      features: {},
      output: { uri: 'out', passThrough: '*', columns: { sum: 'sum' } },
    });
    expect(await place.results('c0, c1000, c1999, sum')).toContainEqual({
      c0: 5,
      c1000: 1005,
      c1999: 2004,
      sum: 2016,
    });
  });
});
