import { encodeModel } from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import { echoModel } from '../support/echo-model.js';
import { score, type Scored } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

/** A job over files that are queries, which hands `columns` on; the model's input is `x`. */
async function drift(
  files: readonly string[],
  columns: Readonly<Record<string, string>>,
  change: Parameters<typeof score>[1] = {},
): Promise<Scored> {
  for (const [index, query] of files.entries()) {
    await place.writeParquet(`data/${'abcdef'[index]}.parquet`, query);
  }
  await place.write('model.onnx', echoModel({ x: ['float32', 1] }));
  return score(place, { features: { x: '1' }, output: { uri: 'out', columns }, ...change });
}

/** The results as text, with the types of the columns. */
async function results(): Promise<{ rows: unknown[]; types: unknown[] }> {
  const from = `read_parquet('${place.path('out')}/*.parquet')`;
  const types = await place.sql(`DESCRIBE FROM ${from}`);
  const rows = await place.sql(`SELECT COLUMNS(*)::VARCHAR FROM ${from}`);
  return { rows: rows.map((row) => Object.values(row)), types: types.map((t) => t['column_type']) };
}

const BIG = '9007199254740993';

describe('integers of 64 bits', () => {
  it('with and without a sign become decimals that hold both', async () => {
    const { plan } = await drift(
      [
        `SELECT unnest([${BIG}, 9007199254740995]) AS id`,
        `SELECT unnest([9007199254740997, 9223372036854775819]::UBIGINT[]) AS id`,
      ],
      { id: 'id', more: 'id + 1', list: '[id]' },
    );
    expect(await results()).toEqual({
      types: ['DECIMAL(38,0)', 'DECIMAL(38,0)', 'DECIMAL(38,0)[]'],
      rows: [
        [BIG, '9007199254740994', `[${BIG}]`],
        ['9007199254740995', '9007199254740996', '[9007199254740995]'],
        ['9007199254740997', '9007199254740998', '[9007199254740997]'],
        ['9223372036854775819', '9223372036854775820', '[9223372036854775819]'],
      ],
    });
    expect(plan.notices).toEqual([]);
  });

  it('of both kinds in one expression stay exact, too', async () => {
    await drift([`SELECT ${BIG}::BIGINT AS a, 18446744073709551615::UBIGINT AS b, true AS c`], {
      sum: 'a + b',
      first: 'coalesce(b, a)',
      either: 'CASE WHEN c THEN a ELSE b END',
      struct: "{'n': a - b}",
    });
    expect(await results()).toEqual({
      types: ['DECIMAL(38,0)', 'DECIMAL(38,0)', 'DECIMAL(38,0)', 'STRUCT(n DECIMAL(38,0))'],
      rows: [['18455751272964292608', '18446744073709551615', BIG, "{'n': -18437736874454810622}"]],
    });
  });

  it('are not rounded for a file without rows, wherever it stands', async () => {
    for (const files of [
      [`SELECT ${BIG} AS id, 'a' AS t`, 'SELECT 1::DOUBLE AS id, 2::DOUBLE AS t WHERE false'],
      ['SELECT 1::DOUBLE AS id, 2 AS t WHERE false', `SELECT ${BIG} AS id, 'a' AS t`],
    ]) {
      await drift(
        files,
        { id: 'id', t: 't' },
        {
          output: { uri: 'out', mode: 'overwrite', columns: { id: 'id', t: 't' } },
        },
      );
      expect(await results()).toEqual({ types: ['BIGINT', 'VARCHAR'], rows: [[BIG, 'a']] });
    }
  });

  it('need no column in a file without rows', async () => {
    await drift(['SELECT 1 AS id', 'SELECT 2 AS other WHERE false'], { id: 'id' });
    expect((await results()).rows).toEqual([['1']]);
  });

  it('are refused where another file has fractions and statistics show that they would be rounded', async () => {
    await expect(
      drift(['SELECT 1.5::DOUBLE AS id', `SELECT -${BIG} AS id`], { id: 'id' }),
    ).rejects.toMatchObject({
      code: 'INPUT_SCHEMA_MISMATCH',
      message: expect.stringMatching(
        /"id" is BIGINT in .*b\.parquet and becomes DOUBLE, .* there is -9007199254740993/,
      ),
      where: place.path('data/b.parquet'),
    });
    // Another column does not matter.
    await drift([`SELECT 1 AS a, 1.5::DOUBLE AS id`, `SELECT 2 AS a, ${BIG} AS id`], { a: 'a' });
  });

  it('are exact as fractions up to 2^53, and named where nothing is known of them', async () => {
    const known = await drift(['SELECT 1.5::DOUBLE AS id', 'SELECT 9007199254740992 AS id'], {
      id: 'id',
    });
    expect(known.plan.notices).toEqual([]);
    expect(await results()).toEqual({ types: ['DOUBLE'], rows: [['1.5'], ['9007199254740992.0']] });
    const list = await drift(
      ['SELECT [1.5::DOUBLE] AS l', 'SELECT [1::BIGINT] AS l'],
      { l: 'l' },
      { output: { uri: 'out', mode: 'overwrite', columns: { l: 'l' } } },
    );
    expect(list.plan.notices).toEqual([
      expect.stringMatching(/"l" is BIGINT\[\] in .*b\.parquet and becomes DOUBLE\[\].*2\^53/),
    ]);
  });
});

describe('an expression that rounds integers', () => {
  const row = (value: string): string =>
    `SELECT ${value}::BIGINT AS id, 1.5::DOUBLE AS d, 2::FLOAT AS f, [${value}] AS l, 1::DECIMAL(18, 2) AS money`;

  it.each<[string, string, RegExp]>([
    ['id = d', 'DOUBLE', /values that are rounded, such as 9007199254740993/],
    ['coalesce(id, d)', 'DOUBLE', /takes "id" \(BIGINT\) as DOUBLE/],
    ['CASE WHEN d > 1 THEN id ELSE d END', 'DOUBLE', /DOUBLE/],
    ['greatest(id, d)', 'DOUBLE', /DOUBLE/],
    ['nullif(id, d)', 'DOUBLE', /DOUBLE/],
    ['id IN (1, d)', 'DOUBLE', /DOUBLE/],
    ['id + f', 'FLOAT', /as FLOAT/],
    ['[id, d]', 'DOUBLE', /DOUBLE/],
    ['input."id" - d', 'DOUBLE', /DOUBLE/],
  ])('is named by the plan: %s', async (sql, type, message) => {
    const { plan } = await drift([row(BIG)], { r: sql });
    expect(plan.notices).toEqual([expect.stringMatching(message)]);
    expect(plan.notices[0]).toContain(`output.columns.r: "${sql}"`);
    expect(plan.notices[0]).toContain(type);
  });

  it('is named in where', async () => {
    const { plan } = await drift(
      [row(BIG)],
      { id: 'id' },
      { input: { uri: 'data', where: 'id > d' } },
    );
    expect(plan.notices).toEqual([expect.stringContaining('input.where: "id > d" takes "id"')]);
  });

  it.each([
    'id = 7',
    'id + 1',
    'id / 2',
    'sqrt(id)',
    'id::DOUBLE + d',
    'id * 0.5',
    'id::VARCHAR || d',
    'f + d',
    'money * 2',
  ])('is not one of these: %s', async (sql) => {
    expect((await drift([row(BIG)], { r: sql })).plan.notices).toEqual([]);
  });

  it('is none where no value is that large', async () => {
    expect((await drift([row('9007199254740992')], { r: 'id = d' })).plan.notices).toEqual([]);
    expect(
      (
        await drift(
          [row('16777216')],
          { s: 'id + f' },
          {
            output: { uri: 'o2', columns: { s: 'id + f' } },
          },
        )
      ).plan.notices,
    ).toEqual([]);
  });
});

describe('a column that is null in every row of some files', () => {
  it.each([
    ['VARCHAR', "'a'", 'NULL::DOUBLE'],
    ['VARCHAR', "'a'", 'NULL::INTEGER'],
    ['BIGINT', BIG, 'NULL::DOUBLE'],
    ['DATE', "DATE '2026-01-01'", 'NULL::INTEGER'],
    ['BIGINT[]', '[1::BIGINT]', 'NULL::INTEGER'],
    ['STRUCT(a INTEGER)', "{'a': 1::INTEGER}", 'NULL::DOUBLE'],
  ])('has the type of the others: %s', async (type, value, nothing) => {
    for (const first of [value, nothing]) {
      const second = first === value ? nothing : value;
      await drift(
        [`SELECT ${first} AS n FROM range(2)`, `SELECT ${second} AS n FROM range(2)`],
        {},
        { output: { uri: 'out', mode: 'overwrite', passThrough: ['n'] } },
      );
      const { rows, types } = await results();
      expect(types).toEqual([type]);
      expect(rows.map((row) => Reflect.get(Object(row), 0) === null)).toEqual(
        first === value ? [false, false, true, true] : [true, true, false, false],
      );
    }
  });

  it('is a conflict as soon as there is a value', async () => {
    await expect(
      drift(["SELECT 'a' AS n", 'SELECT unnest([NULL, 1.5::DOUBLE]) AS n'], { n: 'n' }),
    ).rejects.toMatchObject({ code: 'INPUT_SCHEMA_MISMATCH' });
  });

  it('rules out row groups as null', async () => {
    const { manifest } = await drift(
      ["SELECT 'a' AS n", 'SELECT NULL::DOUBLE AS n FROM range(3)'],
      { n: 'n' },
      { input: { uri: 'data', where: "n = 'a'" } },
    );
    expect(manifest.rows).toMatchObject({ read: 4, scored: 1, filtered: 3 });
  });
});

describe('types that differ', () => {
  it.each<[string, string, string, string, string[]]>([
    [
      'decimals',
      '10.25::DECIMAL(10,2)',
      '1000000000.25::DECIMAL(12,2)',
      'DECIMAL(12,2)',
      ['10.25', '1000000000.25'],
    ],
    [
      'scales',
      '10.25::DECIMAL(10,2)',
      '1.000001::DECIMAL(10,6)',
      'DECIMAL(14,6)',
      ['10.250000', '1.000001'],
    ],
    [
      'a decimal and an integer',
      '10.25::DECIMAL(10,2)',
      BIG,
      'DECIMAL(21,2)',
      ['10.25', `${BIG}.00`],
    ],
    ['a decimal and a fraction', '10.25::DECIMAL(18,2)', '1.5::DOUBLE', 'DOUBLE', ['10.25', '1.5']],
    [
      'units of time',
      "TIMESTAMP '2026-01-01 00:00:00.000001'",
      "TIMESTAMP_NS '2026-01-01 00:00:00.000000001'",
      'TIMESTAMP_NS',
      ['2026-01-01 00:00:00.000001', '2026-01-01 00:00:00.000000001'],
    ],
    ['elements of lists', '[0.5::FLOAT]', '[0.1::DOUBLE]', 'DOUBLE[]', ['[0.5]', '[0.1]']],
    [
      'fields of structs',
      "{'a': 1::INTEGER}",
      `{'a': ${BIG}}`,
      'STRUCT(a BIGINT)',
      ["{'a': 1}", `{'a': ${BIG}}`],
    ],
    ['unsigned integers', '4294967295::UINTEGER', '-1::INTEGER', 'BIGINT', ['4294967295', '-1']],
  ])('are widened where every value fits: %s', async (_, a, b, type, expected) => {
    for (const swap of [false, true]) {
      const { plan } = await drift(
        (swap ? [b, a] : [a, b]).map((value) => `SELECT ${value} AS v`),
        { v: 'v' },
        { output: { uri: 'out', mode: 'overwrite', columns: { v: 'v' } } },
      );
      expect(plan.notices).toEqual([]);
      expect(await results()).toEqual({
        types: [type],
        rows: (swap ? expected.toReversed() : expected).map((text) => [text]),
      });
    }
  });

  it.each([
    ["TIMESTAMP '9999-12-31'", "TIMESTAMP_NS '2026-01-01'", /there is 9999-12-31T00:00:00\.000Z/],
    ['12345678901234567.89::DECIMAL(19,2)', '1.5::DOUBLE', /there is 12345678901234567\.89/],
    ['1::DECIMAL(38,2)', '1::DECIMAL(38,3)', /DECIMAL\(38,2\) .* but DECIMAL\(38,3\)/],
    ["'a'::BLOB", "'a'", /VARCHAR/],
    ["{'a': 1}", "{'b': 1}", /STRUCT/],
  ])('are refused by name where it does not: %s and %s', async (a, b, message) => {
    await expect(drift([`SELECT ${a} AS v`, `SELECT ${b} AS v`], { v: 'v' })).rejects.toMatchObject(
      {
        code: 'INPUT_SCHEMA_MISMATCH',
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(/one type/),
      },
    );
  });

  it('decide no comparison wrongly: where sees the widened values', async () => {
    const { manifest } = await drift(
      ['SELECT 10.25::DECIMAL(10,2) AS v FROM range(5)', 'SELECT 7::BIGINT AS v FROM range(3)'],
      { v: 'v' },
      { input: { uri: 'data', where: 'v < 10 OR v = 10.25' } },
    );
    expect(manifest.rows).toMatchObject({ scored: 8 });
  });
});

describe('text in a column of bytes', () => {
  const BYTES = "SELECT i AS id, encode(['café', 'tea'][i + 1]) AS c FROM range(2) r(i)";

  async function codes(features: Readonly<Record<string, string>>): Promise<Scored> {
    await place.writeParquet('data/a.parquet', BYTES);
    await place.write(
      'model.onnx',
      encodeModel({
        graph: {
          name: 'codes',
          inputs: [{ name: 'c', type: 'string', shape: ['N', 1] }],
          outputs: [{ name: 'code', type: 'int64', shape: ['N', 1] }],
          nodes: [
            {
              op: 'LabelEncoder',
              domain: 'ai.onnx.ml',
              inputs: ['c'],
              outputs: ['code'],
              attributes: {
                keys_strings: { strings: ['café', 'tea'] },
                values_int64s: { ints: [1, 2] },
                default_int64: { int: -1 },
              },
            },
          ],
        },
      }),
    );
    return score(place, { features, output: { uri: 'out', columns: { id: 'id', code: 'code' } } });
  }

  it('is refused with the advice to decode it, which is right', async () => {
    await expect(codes({})).rejects.toMatchObject({
      code: 'FEATURE_TYPE',
      remedy: expect.stringContaining('decode(x)'),
    });
    const { plan } = await codes({ c: 'decode(c)' });
    expect(plan.notices).toEqual([]);
    expect(await place.results()).toEqual([
      { id: 0, code: 1 },
      { id: 1, code: 2 },
    ]);
  });

  it('is named by the plan where a cast would spell the bytes out', async () => {
    const { plan } = await codes({ c: 'CAST(c AS VARCHAR)' });
    expect(plan.notices).toEqual([expect.stringContaining('decode(c)')]);
  });

  it('says how to make a number of it', async () => {
    await expect(
      drift(["SELECT '1.5'::BLOB AS b"], { b: 'b' }, { features: { x: 'b' } }),
    ).rejects.toMatchObject({ remedy: expect.stringContaining('try_cast(decode(x) AS FLOAT)') });
  });
});
