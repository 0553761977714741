import { logisticRegression } from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import { score } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

const KINDS = `SELECT id, id / 7.0 AS a, id % 2 AS b, id % 3 AS c,
    (id / 3)::DECIMAL(18, 4) AS "decimal 18", (id::DECIMAL(38, 10) * 12345678901234567) AS "decimal 38",
    (id % 100)::DECIMAL(4, 1) AS "decimal 4",
    TIMESTAMPTZ '2026-01-01 00:00:00+04' + INTERVAL (id) MINUTE AS zoned,
    TIMESTAMP '1970-01-01 00:00:00.000001' - INTERVAL (id) DAY AS "timestamp",
    make_timestamp_ns(1700000000123456789 + id) AS ns, DATE '1969-12-31' + id::INT AS day,
    TIME '23:59:59.999999' - INTERVAL (id) SECOND AS "time", uuid_of.u AS "UUID",
    ('\\x00\\xFF' || id)::BLOB AS blob, id % 2 = 0 AS bool, ['red', 'green', 'blue'][id % 3 + 1] AS colour,
    {'x': id, 'y': {'z': ['a' || id, NULL], 'w': (id / 3)::DECIMAL(9, 2)}} AS struct,
    CASE id % 4 WHEN 0 THEN [] WHEN 1 THEN NULL WHEN 2 THEN [NULL] ELSE [id, NULL, 5] END AS list,
    MAP {'k' || id: id, 'fixed': NULL} AS map, [[id], [], NULL] AS nested, [{'d': DATE '2026-01-01', 'm': MAP {1: [id]}}] AS deep,
    (id % 256)::UTINYINT AS u8, (id + 18446744073709551000)::UBIGINT AS u64, (-(id % 128))::TINYINT AS i8, '' AS empty,
    'ünï 👍 ' || repeat('x', id % 40) AS text, CASE WHEN id % 3 = 0 THEN 'nan'::DOUBLE ELSE id END AS nan, NULL::INTEGER AS "null"
  FROM (SELECT i AS id FROM range(600) r(i)) JOIN (SELECT row_number() OVER () - 1 AS id, md5(i::VARCHAR)::UUID AS u FROM range(600) r(i)) uuid_of USING (id)
  ORDER BY id`;

const read = (folder: string): string => `read_parquet('${place.path(folder)}/*.parquet')`;

async function describeTypes(folder: string, dropped: readonly string[] = []): Promise<unknown[]> {
  const rows = await place.sql(`DESCRIBE FROM ${read(folder)}`);
  return rows
    .filter((row) => !dropped.includes(String(row['column_name'])))
    .map((row) => [row['column_name'], row['column_type']]);
}

describe('columns that are passed through', () => {
  it("are unchanged in value and type, whatever the type: '*'", async () => {
    await place.writeParquet('data/a.parquet', KINDS);
    await place.write('model.onnx', logisticRegression({ features: 3 }));
    const { manifest } = await score(place, {
      output: { uri: 'out', passThrough: '*', columns: { score: 'score' } },
    });
    expect(manifest.rows.scored).toBe(600);
    expect(await describeTypes('out', ['score'])).toEqual(await describeTypes('data'));
    const all = `SELECT * EXCLUDE (score) FROM ${read('out')}`;
    const given = `SELECT * FROM ${read('data')}`;
    expect(await place.sql(`${all} EXCEPT ALL ${given}`)).toEqual([]);
    expect(await place.sql(`${given} EXCEPT ALL ${all}`)).toEqual([]);
    const { statistics } = manifest;
    expect(statistics['list']).toMatchObject({ count: 600, nulls: 150 });
    expect(statistics['nested']).toMatchObject({ count: 600, nulls: 0 });
    expect(statistics['struct']).toMatchObject({ count: 600, nulls: 0 });
    expect(statistics['null']).toMatchObject({ count: 600, nulls: 600 });
    expect(statistics['text']).toMatchObject({ count: 600, nulls: 0 });
  });

  it('are unchanged beside rows that are rejected or filtered, over several files', async () => {
    for (const part of [0, 1]) {
      await place.writeParquet(
        `data/${part}.parquet`,
        `SELECT * REPLACE (CASE WHEN id % 10 <> 3 THEN a END AS a) FROM (${KINDS}) WHERE id % 2 = ${part}`,
      );
    }
    await place.write('model.onnx', logisticRegression({ features: 3 }));
    await score(
      place,
      {
        input: { uri: 'data', where: 'c <> 1' },
        output: { uri: 'out', passThrough: '*', columns: { score: 'score' } },
        errors: { maxRejectedRows: '50%' },
      },
      { batchRows: 64 },
    );
    const all = `SELECT * EXCLUDE (score) FROM ${read('out')}`;
    const given = `SELECT * FROM ${read('data')} WHERE c <> 1 AND a IS NOT NULL`;
    expect(await place.sql(`${all} EXCEPT ALL ${given}`)).toEqual([]);
    expect(await place.sql(`${given} EXCEPT ALL ${all}`)).toEqual([]);
  });

  it('may be a list of names, in its order, in any case, before the computed columns', async () => {
    await place.writeParquet(
      'data/a.parquet',
      'SELECT 1 AS id, 2 AS a, 3 AS b, 4 AS c, \'x\' AS "Odd Name"',
    );
    await place.write('model.onnx', logisticRegression({ features: 3 }));
    await score(place, {
      output: {
        uri: 'out',
        passThrough: ['Odd Name', 'ID', 'b'],
        columns: { score: 'score', twice: 'b * 2' },
      },
    });
    expect(await place.results('* EXCLUDE (score)')).toEqual([
      { 'Odd Name': 'x', ID: 1, b: 3, twice: 6 },
    ]);
    expect((await describeTypes('out')).map((t) => Reflect.get(Object(t), 0))).toEqual([
      'Odd Name',
      'ID',
      'b',
      'score',
      'twice',
    ]);
  });

  it("keep the input's order where names are numbers", async () => {
    await place.writeParquet(
      'data/a.parquet',
      'SELECT 1 AS id, 1.0 AS a, 1.0 AS b, 1.0 AS c, 2 AS "10", 3 AS "9"',
    );
    await place.write('model.onnx', logisticRegression({ features: 3 }));
    await score(place, { output: { uri: 'out', passThrough: '*', columns: { score: 'score' } } });
    expect((await describeTypes('out')).map((t) => Reflect.get(Object(t), 0))).toEqual([
      'id',
      'a',
      'b',
      'c',
      '10',
      '9',
      'score',
    ]);
  });

  it('may be all that is written', async () => {
    await place.prepare({ rows: 10 });
    await score(place, { output: { uri: 'out', passThrough: ['id'], columns: {} } });
    expect(await place.results()).toEqual(Array.from({ length: 10 }, (_, id) => ({ id })));
  });
});
