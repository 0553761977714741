import { beforeEach, describe, expect, it } from 'vitest';
import { echoModel } from '../support/echo-model.js';
import { score, scoreFile, type Scored } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

const ROWS = `SELECT i AS id, CASE WHEN i % 10 <> 3 THEN i / 4.0 END AS x, i::INTEGER AS n, (i * 3)::BIGINT AS big,
    CASE WHEN i % 11 <> 5 THEN 'text ' || i END AS t, CASE WHEN i % 7 <> 1 THEN i % 2 = 0 END AS flag,
    DATE '2026-01-01' + (i % 365)::INT AS day, TIMESTAMP '2026-01-01 12:00:00.000001' + INTERVAL (i) HOUR AS at
  FROM range(5000) r(i)`;

beforeEach(() => place.writeParquet('data/a.parquet', ROWS, 'ROW_GROUP_SIZE 2048'));

const MODULE = `
  import { Bool, Float32, Float64, Int64, Table, Utf8, vectorFromArray, type RecordBatch } from 'apache-arrow';
  const vector = (batch: RecordBatch, name: string, type: any, f: (v: any) => unknown = (v) => v) =>
    vectorFromArray(Array.from(batch.getChild(name)!, (v) => (v === null ? null : f(v))), type);
  export default (batch: RecordBatch) => new Table({
    x: vector(batch, 'x', new Float64(), (v) => v * 2),
    n: vector(batch, 'n', new Int64(), BigInt),
    big: batch.getChild('big')!,
    t: vector(batch, 't', new Utf8(), (v) => v.toUpperCase()),
    flag: vector(batch, 'flag', new Bool()),
    day: vector(batch, 'day', new Float32(), (v) => Math.round(Number(v) / 86_400_000)),
    at: vector(batch, 'at', new Float64(), (v) => Number(v)),
  }).batches[0];
`;

const TENSORS = {
  x: ['float32', 1],
  n: ['int64', 1],
  big: ['int64'],
  t: ['string', 1],
  flag: ['bool', 1],
  day: ['float32'],
} as const;
const COLUMNS = Object.fromEntries(Object.keys(TENSORS).map((name) => [name, `${name}_out`]));

const JOB = {
  name: 'test',
  input: { uri: 'data' },
  model: { uri: 'model.onnx' },
  transform: { columns: ['x', 'n', 'big', 't', 'flag', 'day', 'at'], module: './clean.ts' },
  output: { uri: 'out', columns: { id: 'id', ...COLUMNS } },
  errors: { maxRejectedRows: '100%' },
} as const;

/** What SQL says to the transform above, as differences from the result. */
async function differences(): Promise<unknown[]> {
  const sql = `SELECT id, (x * 2)::FLOAT AS x, n::BIGINT AS n, big, upper(t) AS t, flag,
      date_diff('day', DATE '1970-01-01', day)::FLOAT AS day
    FROM (${ROWS}) WHERE x IS NOT NULL AND t IS NOT NULL AND flag IS NOT NULL`;
  const out = `SELECT * FROM read_parquet('${place.path('out')}/*.parquet')`;
  return place.sql(`(${out} EXCEPT ALL ${sql}) UNION ALL (${sql} EXCEPT ALL ${out}) LIMIT 3`);
}

describe('a transform', () => {
  it('gets and gives numbers, texts, bools, dates and nulls: in YAML, with a module', async () => {
    await place.write('model.onnx', echoModel(TENSORS));
    await place.write('clean.ts', MODULE);
    const { JSON: json } = globalThis;
    const file = await place.write('job.yaml', json.stringify(JOB));
    const { manifest } = await scoreFile(file, { batchRows: 100 });
    expect(manifest.rows.scored + manifest.rows.rejected).toBe(5000);
    expect(await differences()).toEqual([]);
  });

  it('may be a function in a TypeScript job, in a folder without node_modules', async () => {
    await place.write('model.onnx', echoModel(TENSORS));
    await place.write('clean.ts', MODULE);
    const { module: _module, ...transform } = JOB.transform;
    const file = await place.write(
      'job.ts',
      `import { defineJob } from 'shardmill';
       import clean from './clean.ts';
       export default defineJob({ ...${JSON.stringify(JOB)},
         transform: { columns: ${JSON.stringify(transform.columns)}, apply: clean } });`,
    );
    await scoreFile(file);
    expect(await differences()).toEqual([]);
  });

  it('gets SQL expressions by name; features may name its columns; the rest of the job is as ever', async () => {
    await place.write('model.onnx', echoModel({ pair: ['float32', 2], v: ['float32', 3] }));
    await place.write(
      'clean.mjs',
      `import { Float32, List, Field, Table, vectorFromArray } from 'apache-arrow';
       const list = new List(new Field('item', new Float32()));
       export default function (batch) {
         const half = [...batch.getChild('half')];
         return new Table({
           a: vectorFromArray(half, new Float32()),
           'B c': vectorFromArray(half.map((v) => -v), new Float32()),
           v: vectorFromArray(half.map((v, i) => (v === 11 ? null : [v, i < 0 ? null : v + 1, 0])), list),
         }).batches[0] ?? new Table({}).batches[0];
       }`,
    );
    const { manifest } = await score(place, {
      input: { uri: 'data', where: 'id >= 10' },
      transform: { columns: { half: 'id / 2 + 1' }, module: './clean.mjs' },
      features: { pair: ['a', '"B c"'], v: { sql: 'v', width: 3 } },
      output: { uri: 'out', columns: { id: 'id', pair: 'pair_out', v: 'v_out', x: 'input.x' } },
      errors: { maxRejectedRows: 1 },
    });
    expect(manifest.rows).toEqual({ read: 5000, scored: 4989, rejected: 1, filtered: 10 });
    const [check] = await place.sql(
      `SELECT bool_and(pair = [id / 2 + 1, -(id / 2 + 1)]) AS pair, bool_and(v = [id / 2 + 1, id / 2 + 2, 0]) AS v,
              bool_or(id = 20) AS rejected FROM read_parquet('${place.path('out')}/*.parquet')`,
    );
    expect(check).toEqual({ pair: true, v: true, rejected: false });
  });

  it('has values that do not fit the tensor rejected, not wrapped around', async () => {
    await place.write(
      'model.onnx',
      echoModel({ n: ['int32', 1], u: ['uint8', 1], b: ['int64', 1] }),
    );
    await place.write(
      'clean.ts',
      `import { Int64, Table, Uint64, vectorFromArray } from 'apache-arrow';
       export default (batch) => {
         const ids = [...batch.getChild('id')];
         return new Table({
           n: vectorFromArray(ids.map((id) => (id === 3n ? 3_000_000_000n : id)), new Int64()),
           u: vectorFromArray(ids.map((id) => (id === 4n ? -1n : id === 5n ? 256n : 7n)), new Int64()),
           b: vectorFromArray(ids.map((id) => (id === 6n ? 2n ** 63n : id)), new Uint64()),
         }).batches[0];
       };`,
    );
    const { manifest } = await score(place, {
      input: { uri: 'data', where: 'id < 10' },
      features: {},
      transform: { columns: ['id'], module: './clean.ts' },
      output: { uri: 'out', columns: { id: 'id', n: 'n_out', b: 'b_out' } },
      errors: { maxRejectedRows: 9 },
    });
    expect(manifest.rows).toMatchObject({ scored: 6, rejected: 4 });
    expect(await place.results('id')).toEqual([0, 1, 2, 7, 8, 9].map((id) => ({ id })));
  });
});

describe('a transform that goes wrong', () => {
  const run = async (apply: string, columns: string[] = ['n']): Promise<Scored> => {
    await place.write('model.onnx', echoModel({ n: ['float32', 1] }));
    await place.write('clean.ts', apply);
    return score(place, {
      features: {},
      transform: { columns, module: './clean.ts' },
      output: { uri: 'out', columns: { n: 'n_out' } },
    });
  };

  it.each([
    [
      'gives fewer rows',
      '(b) => (b.numRows === 0 ? b : b.slice(1))',
      'TRANSFORM_INVALID',
      /2047 rows for 2048/,
    ],
    [
      'throws on rows',
      "(b) => { if (b.numRows > 0) throw new Error('odd'); return b; }",
      'TRANSFORM_FAILED',
      /threw: odd/,
    ],
    [
      'returns a number',
      '() => 7',
      'TRANSFORM_INVALID',
      /returned 7, expected an Arrow RecordBatch/,
    ],
    ['returns rows as objects', '(b) => b.toArray()', 'TRANSFORM_INVALID', /returned Array/],
    ['drops a column that the model needs', '(b) => b.select([])', 'FEATURE_MISSING', /"n"/],
    [
      'drops it later',
      '(b) => (b.numRows === 0 ? b : b.select([]))',
      'TRANSFORM_INVALID',
      /no column "n"/,
    ],
  ])('is refused with the reason: %s', async (_what, apply, code, message) => {
    await expect(run(`export default ${apply};`)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it.each([
    [
      'is no function',
      'export default { n: 1 };',
      ['n'],
      /function as default export, found object/,
    ],
    ['cannot be loaded', 'export default (', ['n'], /cannot load/],
    [
      'gets a column of a type that Arrow is not given',
      'export default (b) => b;',
      ['n', 'list'],
      /"list" is INTEGER\[\]/,
    ],
  ])('is refused with the reason: %s', async (_what, module, columns, message) => {
    await place.writeParquet('data/a.parquet', `SELECT *, [n] AS list FROM (${ROWS}) LIMIT 10`);
    await expect(run(module, columns)).rejects.toMatchObject({
      code: 'TRANSFORM_INVALID',
      message: expect.stringMatching(message),
    });
  });
});
