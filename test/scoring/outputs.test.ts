import { encodeModel, zipMap } from '@shardmill/test-kit';
import type { JobDefinition } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { echoModel } from '../support/echo-model.js';
import { score, type Scored } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

async function run(
  columns: Record<string, string>,
  change: Partial<JobDefinition> = {},
  rows = 100,
): Promise<Scored> {
  await place.writeParquet(
    'data/a.parquet',
    `SELECT i AS id, i::FLOAT AS f, 't' || i AS t, i % 2 = 0 AS flag, [i, i + 1, i + 2]::FLOAT[] AS v FROM range(${rows}) r(i)`,
  );
  return score(place, { features: {}, output: { uri: 'out', columns }, ...change });
}

const MODEL = {
  f: ['float32', 1],
  id: ['int64'],
  t: ['string', 1],
  flag: ['bool', 1],
  v: ['float32', 3],
} as const;

const first = async (n = 2): Promise<Record<string, unknown>[]> =>
  (await place.results()).slice(0, n).map((row) =>
    // Lists and 64-bit integers in them as JSON has them.
    JSON.parse(JSON.stringify(row, (_k, v: unknown) => (typeof v === 'bigint' ? Number(v) : v))),
  );

async function types(): Promise<Record<string, unknown>> {
  const rows = await place.sql(`DESCRIBE FROM read_parquet('${place.path('out')}/*.parquet')`);
  return Object.fromEntries(rows.map((row) => [row['column_name'], row['column_type']]));
}

describe('the result', () => {
  it('holds several outputs of any type, scalar or list, and SQL over them', async () => {
    await place.write('model.onnx', echoModel(MODEL));
    const { manifest } = await run({
      id: 'input.id',
      n: 'id_out + 1',
      text: 'upper(t_out) || t',
      even: 'NOT flag_out',
      vector: 'v_out',
      second: 'v_out[2]',
      last: 'v_out[-1]',
      top: 'list_max(v_out)',
      sum: 'list_sum(list_transform(v_out, x -> x * f_out))',
      near: 'list_cosine_similarity(v_out, v) > 0.99',
      band: "CASE WHEN n > 50 THEN 'high' ELSE 'low' END",
      both: "band || '-' || second::INT",
      qualified: 'model.f_out + input.f',
      length: 'len(v_out)',
    });
    expect(await first()).toEqual([
      {
        id: 0,
        n: 1,
        text: 'T0t0',
        even: false,
        vector: { items: [0, 1, 2] },
        second: 1,
        last: 2,
        top: 2,
        sum: 0,
        near: true,
        band: 'low',
        both: 'low-1',
        qualified: 0,
        length: 3,
      },
      {
        id: 1,
        n: 2,
        text: 'T1t1',
        even: true,
        vector: { items: [1, 2, 3] },
        second: 2,
        last: 3,
        top: 3,
        sum: 6,
        near: true,
        band: 'low',
        both: 'low-2',
        qualified: 2,
        length: 3,
      },
    ]);
    const described = await types();
    expect(described).toMatchObject({
      id: 'BIGINT',
      text: 'VARCHAR',
      even: 'BOOLEAN',
      vector: 'FLOAT[]',
      second: 'FLOAT',
    });
    expect(manifest.schema.map(({ name, type }) => [name, type])).toEqual(
      Object.entries(described),
    );
  });

  it('may use an output of an open width, which is a list even of one value', async () => {
    for (const width of [1, 4]) {
      await place.write('model.onnx', echoModel({ x: ['float32', 'D'] }));
      await run(
        { id: 'id', x: 'x_out', first: 'x_out[1]', n: 'len(x_out)' },
        {
          features: { x: Array.from({ length: width }, (_, i) => `id + ${i}`) },
          output: {
            uri: `out${width}`,
            columns: { x: 'x_out', first: 'x_out[1]', n: 'len(x_out)' },
          },
        },
      );
      const rows = await place.results('x::VARCHAR AS x, first, n', `out${width}`);
      const list = Array.from({ length: width }, (_, i) => `${5 + i}.0`).join(', ');
      expect(rows[5]).toEqual({ x: `[${list}]`, first: 5, n: width });
    }
  });

  it('has a flat list for an output of several dimensions', async () => {
    await place.write('model.onnx', echoModel({ x: ['int64', 2, 2] }));
    await run({ x: 'x_out' }, { features: { x: ['id', '1', '2', '3'] } });
    expect(await place.results('x::VARCHAR AS x')).toContainEqual({ x: '[7, 1, 2, 3]' });
  });

  it('refuses more values per row than the model declares', async () => {
    // Declared [N, 1], but a Concat of two.
    await place.write(
      'model.onnx',
      encodeModel({
        graph: {
          name: 'liar',
          inputs: [{ name: 'f', type: 'float32', shape: ['N', 'M'] }],
          outputs: [{ name: 'y', type: 'float32', shape: ['N', 1] }],
          nodes: [{ op: 'Identity', inputs: ['f'], outputs: ['y'] }],
        },
      }),
    );
    await expect(run({ y: 'y' }, { features: { f: ['f', 'f'] } })).rejects.toMatchObject({
      code: 'MODEL_OUTPUT_SHAPE',
    });
  });

  it('takes the tensors of a model that has a ZipMap, too', async () => {
    await place.write('model.onnx', zipMap());
    await run(
      { id: 'id', label: 'label', p: 'probabilities[2]' },
      { features: { features: ['f', '0', '0'] } },
    );
    const rows = await place.results('label, p');
    expect(rows[0]).toMatchObject({ label: 1, p: expect.closeTo(1 / (1 + Math.exp(-0.125)), 5) });
  });

  it('has statistics of what the job computes', async () => {
    await place.write('model.onnx', echoModel({ f: ['float32', 1] }));
    const { manifest } = await run({
      id: 'id',
      f: 'f_out',
      half: 'CASE WHEN id % 2 = 0 THEN f_out END',
      odd: "CASE WHEN id = 3 THEN 'nan' WHEN id = 4 THEN '-inf' ELSE f_out END::DOUBLE",
      dec: '(f_out / 4)::DECIMAL(9, 2)',
      word: "CASE WHEN id < 10 THEN 'x' END",
      list: 'CASE WHEN id >= 10 THEN [f_out, NULL] END',
    });
    const { statistics } = manifest;
    expect(statistics['f']).toMatchObject({
      count: 100,
      nulls: 0,
      nan: 0,
      min: 0,
      max: 99,
      mean: 49.5,
    });
    const deciles: unknown = statistics['f']?.['deciles'];
    expect(deciles).toHaveLength(9);
    for (const [i, decile] of (Array.isArray(deciles) ? deciles : []).entries()) {
      expect(Math.abs(Number(decile) - (i * 10 + 9))).toBeLessThanOrEqual((i * 10 + 9) * 0.008);
    }
    expect(statistics['half']).toMatchObject({ count: 100, nulls: 50, min: 0, max: 98, mean: 49 });
    expect(statistics['odd']).toMatchObject({ nulls: 0, nan: 1, infinite: 1, min: 0, max: 99 });
    expect(statistics['dec']).toMatchObject({ nulls: 0, min: 0, max: 24.75 });
    expect(statistics['word']).toEqual({ count: 100, nulls: 90 });
    expect(statistics['list']).toEqual({ count: 100, nulls: 10 });
  });

  it.each(['snappy', 'uncompressed'] as const)(
    'may be %s, in row groups of a given size',
    async (compression) => {
      await place.write('model.onnx', echoModel({ f: ['float32', 1] }));
      await run(
        { id: 'id' },
        {
          output: {
            uri: 'out',
            columns: { id: 'id', f: 'f_out' },
            compression,
            rowGroupRows: 2048,
          },
        },
        5000,
      );
      expect(
        await place.sql(
          `SELECT DISTINCT lower(compression) AS compression, row_group_num_rows AS rows
         FROM parquet_metadata('${place.path('out')}/*.parquet') ORDER BY rows DESC`,
        ),
      ).toEqual([
        { compression, rows: 2048 },
        { compression, rows: 904 },
      ]);
    },
  );
});

describe('a name that can mean two things', () => {
  it.each<[string, Record<string, string>, string]>([
    ['an input column and an output of the model', { y: 'id' }, 'id'],
    ['an earlier output column and an input column', { f: 'x_out', g: 'f + 1' }, 'f'],
    ['output columns that differ in case only', { a: '1', A: '2' }, 'A'],
  ])('is refused: %s', async (_what, columns, name) => {
    await place.write(
      'model.onnx',
      encodeModel({
        graph: {
          name: 'm',
          inputs: [{ name: 'x', type: 'float32', shape: ['N', 1] }],
          outputs: ['x_out', 'id'].map((output) => ({
            name: output,
            type: 'float32',
            shape: ['N', 1],
          })),
          nodes: ['x_out', 'id'].map((output) => ({
            op: 'Identity',
            inputs: ['x'],
            outputs: [output],
          })),
        },
      }),
    );
    await expect(run(columns, { features: { x: 'f' } })).rejects.toMatchObject({
      code: 'EXPRESSION_AMBIGUOUS',
      message: expect.stringContaining(`"${name}"`),
    });
  });

  it('is not, where both are the same, or where it is qualified', async () => {
    await place.write('model.onnx', echoModel({ f: ['float32', 1] }));
    await run({ f: 'f', g: 'f + 1', h: 'input.f + model.f_out', f_out: 'f_out', k: 'f_out * 2' });
    expect((await first(3))[2]).toEqual({ f: 2, g: 3, h: 4, f_out: 2, k: 4 });
  });

  it.each(['input', 'model', 'to_json(input)'])('%s alone is refused', async (sql) => {
    await place.write('model.onnx', echoModel({ f: ['float32', 1] }));
    await expect(run({ all: sql })).rejects.toMatchObject({ code: 'EXPRESSION_FORBIDDEN' });
  });

  it('may be one that this program uses inside, too', async () => {
    await place.writeParquet(
      'data/b.parquet',
      'SELECT i AS model_key, i AS key, i AS _0, i AS model, i AS input, i AS reason, i AS _row FROM range(10) r(i)',
    );
    await place.write('model.onnx', echoModel({ x: ['float32', 1] }));
    await score(place, {
      input: { uri: 'data', where: 'model >= 2 AND input < 9' },
      features: { x: 'CASE WHEN _0 <> 5 THEN key END' },
      output: { uri: 'out', passThrough: '*', columns: { x: 'x_out + model_key' } },
      errors: { maxRejectedRows: 1 },
    });
    const rows = await place.results();
    expect(rows).toHaveLength(6);
    expect(rows[0]).toEqual({
      model_key: 2,
      key: 2,
      _0: 2,
      model: 2,
      input: 2,
      reason: 2,
      _row: 2,
      x: 4,
    });
  });
});
