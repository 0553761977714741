import type { JobDefinition } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { echoColumns, echoModel } from '../support/echo-model.js';
import { score, type Scored } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

type Tensors = Parameters<typeof echoModel>[0];

/** Scores a query's rows with a model that echoes these tensors; outputs are called like inputs. */
async function echo(
  tensors: Tensors,
  query: string,
  change: Partial<JobDefinition> = {},
  batchRows = 1000,
): Promise<Scored> {
  await place.writeParquet('data/a.parquet', query);
  await place.write('model.onnx', echoModel(tensors));
  return score(
    place,
    {
      features: {},
      output: { uri: 'out', columns: echoColumns(Object.keys(tensors)) },
      errors: { maxRejectedRows: '100%' },
      ...change,
    },
    { batchRows },
  );
}

const out = (): string => `read_parquet('${place.path('out')}/*.parquet')`;
const input = (): string => `read_parquet('${place.path('data')}/*.parquet')`;

/** Rows in which result and input differ, both ways. */
async function differences(columns: string): Promise<unknown[]> {
  return place.sql(
    `(SELECT ${columns} FROM ${out()} EXCEPT ALL SELECT ${columns} FROM ${input()})
     UNION ALL (SELECT ${columns} FROM ${input()} EXCEPT ALL SELECT ${columns} FROM ${out()}) LIMIT 5`,
  );
}

async function reasons(): Promise<Record<string, unknown>[]> {
  return place.sql(
    `SELECT id, _reason FROM read_parquet('${place.path('out')}/_shardmill/*/rejected/*') ORDER BY id`,
  );
}

describe('a tensor of one value per row', () => {
  it('takes numbers of every type, to the last bit, as [N] and as [N, 1]', async () => {
    const query = `SELECT i AS id,
        (CASE i WHEN 0 THEN 9223372036854775807 WHEN 1 THEN -9223372036854775808
                WHEN 2 THEN 9007199254740993 ELSE i * 461168601842738 END)::BIGINT AS i64,
        (CASE i WHEN 0 THEN 2147483647 WHEN 1 THEN -2147483648 ELSE i END)::INTEGER AS i32,
        (i * 7 - 32768)::SMALLINT AS i16, (i * 13)::USMALLINT AS u16,
        (4294967295 - i)::UINTEGER AS u32, (18446744073709551615 - i)::UBIGINT AS u64,
        (i % 256 - 128)::TINYINT AS i8, (i % 256)::UTINYINT AS u8,
        i % 3 = 0 AS flag,
        (CASE i WHEN 0 THEN 'inf' WHEN 1 THEN '-inf' WHEN 2 THEN 1e-45 ELSE i / 7.0 END)::FLOAT AS f32,
        (CASE i WHEN 0 THEN 1.7976931348623157e308 WHEN 1 THEN 5e-324 ELSE i / 7.0 END)::DOUBLE AS f64,
        ((i % 1000 - 500) / 8.0)::FLOAT AS f16,
      FROM range(4500) r(i)`;
    for (const shape of [[], [1]]) {
      const tensors = {
        i64: ['int64', ...shape],
        i32: ['int32', ...shape],
        i16: ['int16', ...shape],
        u16: ['uint16', ...shape],
        u32: ['uint32', ...shape],
        u64: ['uint64', ...shape],
        i8: ['int8', ...shape],
        u8: ['uint8', ...shape],
        flag: ['bool', ...shape],
        f32: ['float32', ...shape],
        f64: ['float64', ...shape],
        f16: ['float16', ...shape],
      } as const;
      await echo(tensors, query, {
        output: { uri: 'out', columns: echoColumns(Object.keys(tensors)), mode: 'overwrite' },
      });
      expect(await differences(['id', ...Object.keys(tensors)].join())).toEqual([]);
    }
    const types = await place.sql(`DESCRIBE FROM ${out()}`);
    expect(Object.fromEntries(types.map((t) => [t['column_name'], t['column_type']]))).toEqual({
      id: 'BIGINT',
      i64: 'BIGINT',
      i32: 'INTEGER',
      i16: 'SMALLINT',
      u16: 'USMALLINT',
      u32: 'UINTEGER',
      u64: 'UBIGINT',
      i8: 'TINYINT',
      u8: 'UTINYINT',
      flag: 'BOOLEAN',
      f32: 'FLOAT',
      f64: 'DOUBLE',
      f16: 'FLOAT',
    });
  });

  it('takes texts of any length and script, with what others cut off or drop', async () => {
    const query = `SELECT i AS id, CASE i % 12
        WHEN 0 THEN '' WHEN 1 THEN 'ascii' WHEN 2 THEN 'twelve bytes' WHEN 3 THEN 'thirteen byte'
        WHEN 4 THEN 'Grüße' WHEN 5 THEN '日本語のテキスト、十二バイト以上' WHEN 6 THEN '👩‍👩‍👧'
        WHEN 7 THEN 'tab' || chr(9) || chr(1) WHEN 8 THEN chr(65279) || 'byte order mark'
        WHEN 9 THEN chr(65279) || 'bom' WHEN 10 THEN ' spaces ' || chr(10) ELSE repeat('long ', i) END AS t
      FROM range(3000) r(i)`;
    await echo({ t: ['string', 1] }, query, {}, 100);
    expect(await differences('id, t')).toEqual([]);
    const [lengths] = await place.sql(`SELECT sum(strlen(t)) AS n FROM ${out()}`);
    expect(await place.sql(`SELECT sum(strlen(t)) AS n FROM ${input()}`)).toEqual([lengths]);
  });

  it('rejects a text that the runtime would cut off', async () => {
    await echo(
      { t: ['string', 1] },
      `SELECT i AS id, CASE WHEN i = 3 THEN 'a' || chr(0) || 'b' ELSE 'a' END AS t FROM range(10) r(i)`,
    );
    expect(await reasons()).toEqual([{ id: 3, _reason: 'feature t: "t" holds a NUL character' }]);
  });

  it('takes texts of a megabyte', async () => {
    const query = `SELECT i AS id, repeat(chr(97 + i::INT) || 'é', 350_000) AS t FROM range(20) r(i)`;
    await echo({ t: ['string'] }, query, {}, 7);
    expect(await differences('id, t')).toEqual([]);
  });

  it('takes what fits without loss of meaning: decimals, bools, smaller integers', async () => {
    await echo(
      { x: ['float32', 1], y: ['float64', 1], n: ['int64', 1], b: ['float32', 1], h: ['int32', 1] },
      `SELECT i AS id, (i / 4)::DECIMAL(18, 2) AS x, (i / 8)::DECIMAL(38, 10) AS y,
              i::USMALLINT AS n, i % 2 = 0 AS b, i::HUGEINT AS h FROM range(100) r(i)`,
      { features: { h: 'id::HUGEINT' } },
    );
    const [check] = await place.sql(
      `SELECT bool_and(x = id / 4 AND y = id / 8 AND n = id AND b = (id % 2 = 0)::INT AND h = id) AS same,
              count(*) AS n FROM ${out()}`,
    );
    expect(check).toEqual({ same: true, n: 100 });
  });

  it('rejects a value that is out of range, and says so', async () => {
    const { manifest } = await echo(
      { n: ['int32', 1], f: ['float32', 1], u: ['uint8', 1] },
      `SELECT i AS id, CASE i WHEN 3 THEN 3000000000 WHEN 4 THEN -2147483649 ELSE i END AS n,
              CASE i WHEN 5 THEN 1e300 ELSE i END AS f, CASE i WHEN 6 THEN -1 WHEN 7 THEN 256 ELSE i END AS u
       FROM range(10) r(i)`,
    );
    expect(manifest.rows).toMatchObject({ scored: 5, rejected: 5 });
    expect(await reasons()).toEqual(
      [
        [3, 'n'],
        [4, 'n'],
        [5, 'f'],
        [6, 'u'],
        [7, 'u'],
      ].map(([id, name]) => ({
        id,
        _reason: `feature ${name}: "${name}" is null or out of range`,
      })),
    );
    expect(
      (await place.results('id, n, f, u')).every((r) => r['id'] === r['n'] && r['n'] === r['f']),
    ).toBe(true);
  });

  it('is matched with a column by name, in any case, the exact one first', async () => {
    await echo(
      { tenure: ['float32', 1], 'total charges': ['float64', 1], Contract: ['string', 1] },
      `SELECT i AS id, i::FLOAT AS "TENURE", i / 2 AS "Total Charges", 'c' || i AS contract FROM range(9) r(i)`,
      {
        output: {
          uri: 'out',
          columns: { id: 'id', a: 'tenure_out', b: '"total charges_out"', c: 'contract_out' },
        },
      },
    );
    expect(await place.results('id, a, b, c')).toEqual(
      Array.from({ length: 9 }, (_, id) => ({ id, a: id, b: id / 2, c: `c${id}` })),
    );
  });
});

describe('a tensor of several values per row', () => {
  it('is packed from expressions in their order, [N, F] with F fixed or open', async () => {
    const query = `SELECT i AS id, i::FLOAT AS a, i * 10 AS b, (i * 100)::DECIMAL(18, 2) AS c, 's' || i AS s FROM range(2500) r(i)`;
    await echo({ x: ['float32', 3], y: ['float64', 'F'], w: ['string', 2] }, query, {
      features: { x: ['a', 'b', 'c'], y: ['c', 'a', '-b', '1', 'a + 1'], w: ['s', "'fixed'"] },
    });
    const [check] = await place.sql(
      `SELECT count(*) AS n, bool_and(x = [id, id * 10, id * 100]) AS x,
              bool_and(y = [id * 100, id, -id * 10, 1, id + 1]) AS y, bool_and(w = ['s' || id, 'fixed']) AS w
       FROM ${out()}`,
    );
    expect(check).toEqual({ n: 2500, x: true, y: true, w: true });
  });

  it('comes from lists and from arrays, of any number type, [N, D]', async () => {
    await echo(
      {
        f: ['float32', 3],
        arr: ['float32', 3],
        dbl: ['float32', 'D'],
        ints: ['int64', 2],
        words: ['string', 2],
        half: ['float16', 2],
      },
      `SELECT i AS id, [i, i + 0.5, -i]::FLOAT[] AS f, [i, i + 1, i + 2]::FLOAT[3] AS arr,
              [i / 4, i / 2]::DOUBLE[] AS dbl, [9007199254740993 + i, i] AS ints,
              ['w' || i, repeat('long word ', 3)] AS words, [i % 100, 0.25]::DECIMAL(8, 2)[] AS half
       FROM range(2500) r(i)`,
      { features: { dbl: { sql: 'dbl', width: 2 } } },
      999,
    );
    const [check] = await place.sql(
      `SELECT count(*) AS n, bool_and(f = [id, id + 0.5, -id]::FLOAT[]) AS f,
              bool_and(arr = [id, id + 1, id + 2]::FLOAT[]) AS arr, bool_and(dbl = [id / 4, id / 2]) AS dbl,
              bool_and(ints = [9007199254740993 + id, id]) AS ints,
              bool_and(words = ['w' || id, repeat('long word ', 3)]) AS words,
              bool_and(half = [id % 100, 0.25]::FLOAT[]) AS half FROM ${out()}`,
    );
    expect(check).toEqual({
      n: 2500,
      f: true,
      arr: true,
      dbl: true,
      ints: true,
      words: true,
      half: true,
    });
  });

  it('is an image from one flat list, [N, C, H, W]', async () => {
    await echo(
      { image: ['uint8', 3, 4, 5] },
      `SELECT i AS id, list_transform(range(60), x -> (x + i) % 256)::UTINYINT[] AS image FROM range(300) r(i)`,
      {},
      64,
    );
    expect(await differences('id, image')).toEqual([]);
  });

  it('rejects a list of the wrong length or with a null, and keeps its neighbours in place', async () => {
    await echo(
      { v: ['float32', 2] },
      `SELECT i AS id, CASE i % 50 WHEN 0 THEN [i] WHEN 7 THEN [i, i, i] WHEN 13 THEN [] WHEN 20 THEN [i, NULL]
              WHEN 21 THEN NULL ELSE [i, i + 1] END::FLOAT[] AS v FROM range(2200) r(i)`,
      {},
      7,
    );
    const found = await reasons();
    const texts = ['1 elements', '3 elements', '0 elements', 'null element, at 2', 'is null'];
    for (const [i, at] of [0, 7, 13, 20, 21].entries()) {
      const own = found.filter((row) => Number(row['id']) % 50 === at);
      expect(own).toHaveLength(44);
      expect(own.every((row) => String(row['_reason']).includes(texts[i] ?? '?'))).toBe(true);
    }
    const [check] = await place.sql(
      `SELECT count(*) AS n, bool_and(v = [id, id + 1]::FLOAT[]) AS whole FROM ${out()}`,
    );
    expect(check).toEqual({ n: 2200 - 5 * 44, whole: true });
  });

  it('rejects a list with a value out of range, like a single value', async () => {
    const { manifest } = await echo(
      { v: ['int32', 2] },
      `SELECT i AS id, [i, CASE WHEN i = 3 THEN 3000000000 ELSE i END] AS v FROM range(10) r(i)`,
    );
    expect(manifest.rows).toMatchObject({ scored: 9, rejected: 1 });
    expect((await reasons())[0]?.['id']).toBe(3);
  });
});

describe('constants and other kinds of vectors of DuckDB', () => {
  it('are values like others', async () => {
    await place.writeParquet('data/p=5/q=x%20y/a.parquet', 'SELECT i AS id FROM range(5000) r(i)');
    await place.write('model.onnx', echoModel({ x: ['float32', 4], t: ['string', 3] }));
    await score(place, {
      features: {
        x: ['p', '1', 'CASE WHEN id < 4000 THEN 2 END', 'id - id'],
        t: [
          'q',
          "'constant text of some length'",
          "CASE WHEN id % 2 = 0 THEN 'even' ELSE 'odd' END",
        ],
      },
      output: { uri: 'out', columns: { id: 'id', x: 'x_out', t: 't_out' } },
      errors: { maxRejectedRows: 1000 },
    });
    const [check] = await place.sql(
      `SELECT count(*) AS n, bool_and(x = [5, 1, 2, 0]::FLOAT[]) AS x,
        bool_and(t = ['x y', 'constant text of some length', if(id % 2 = 0, 'even', 'odd')]) AS t FROM ${out()}`,
    );
    expect(check).toEqual({ n: 4000, x: true, t: true });
  });
});
