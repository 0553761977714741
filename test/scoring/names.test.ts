import { encodeModel } from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import { echoModel } from '../support/echo-model.js';
import { float } from '../support/float-tensor.js';
import type { Scored } from '../support/score.js';
import { score, WAYS } from '../support/scoring-ways.js';
import { useWorkplace } from '../support/workplace.js';
import { writeNamed } from '../support/write-named.js';

const place = useWorkplace();

/** y = 1000 * Qty + qty */
function twoInputs(first: string, second: string, output = 'y'): Uint8Array {
  const tensor = (name: string) => ({ name, type: 'float32' as const, shape: ['N', 1] });
  return encodeModel({
    graph: {
      name: 'two',
      inputs: [tensor(first), tensor(second)],
      outputs: [tensor(output)],
      nodes: [
        { op: 'Mul', inputs: [first, 'a thousand'], outputs: ['product'] },
        { op: 'Add', inputs: ['product', second], outputs: [output] },
      ],
      initializers: [
        { name: 'a thousand', type: 'float32', shape: [1, 1], data: Float32Array.of(1000) },
      ],
    },
  });
}

describe.each(WAYS)('columns that differ in case only (single pass: %s)', (way) => {
  const scoreHere = (change: Parameters<typeof score>[1]): Promise<Scored> =>
    score(place, change, way);

  const quantities = [
    ['id', 'i + 1'],
    ['Qty', '(i + 1)::DOUBLE'],
    ['qty', '(i + 1) * 100.0::DOUBLE'],
  ] as const;

  it.each([
    ['matched by name', {}],
    ['named', { Qty: 'Qty', qty: 'qty' }],
    ['quoted', { Qty: '"Qty"', qty: 'input."qty"' }],
    ['in expressions', { Qty: 'Qty + 0 * /* é */ qty', qty: 'coalesce(qty, Qty)' }],
  ])('are two features: %s', async (_, features) => {
    await writeNamed(place, 'data/a.parquet', quantities);
    await place.write('model.onnx', twoInputs('Qty', 'qty'));
    const { manifest } = await scoreHere({
      features,
      output: { uri: 'out', columns: { id: 'id', y: 'y', a: 'input.Qty', b: 'qty * 2' } },
    });
    expect('singlePass' in manifest.seconds).toBe(way === 'always');
    expect(await place.results()).toEqual([
      { id: 1, y: 1100, a: 1, b: 200 },
      { id: 2, y: 2200, a: 2, b: 400 },
    ]);
  });

  it('are distinguished in where, in pruning and in what is passed on', async () => {
    await writeNamed(place, 'data/a.parquet', quantities, 5000);
    await place.write('model.onnx', twoInputs('Qty', 'qty'));
    const { manifest, plan } = await scoreHere({
      features: {},
      input: { uri: 'data', where: 'qty > 499900 AND "Qty" < 5000' },
      output: { uri: 'out', passThrough: ['qty'], columns: { y: 'y' } },
    });
    expect(await place.results()).toEqual([]);
    expect(manifest.rows).toMatchObject({ read: 5000, filtered: 5000 });
    expect(plan.scoring.input.used).toEqual(['Qty', 'qty']);
    await scoreHere({
      features: {},
      input: { uri: 'data', where: 'qty > 499900 AND Qty <= 5000' },
      output: { uri: 'more', passThrough: ['qty'], columns: { y: 'y' } },
    });
    expect(await place.results('*', 'more')).toEqual([{ qty: 500_000, y: 5_500_000 }]);
  });

  it('are resolved for each file: a file with Age and a file with age', async () => {
    await writeNamed(place, 'data/a.parquet', [
      ['id', 'i'],
      ['Age', 'i + 1.5'],
    ]);
    await writeNamed(place, 'data/b.parquet', [
      ['age', 'i + 10.5'],
      ['ID', 'i + 2'],
    ]);
    await place.write('model.onnx', echoModel({ age: ['float32', 1] }));
    await scoreHere({
      features: {},
      output: { uri: 'out', columns: { id: 'id', a: 'age_out' } },
    });
    expect(await place.results('*')).toEqual([
      { id: 0, a: 1.5 },
      { id: 1, a: 2.5 },
      { id: 2, a: 10.5 },
      { id: 3, a: 11.5 },
    ]);
  });

  it('have their reasons and their columns among the rejected rows', async () => {
    await writeNamed(place, 'data/a.parquet', [
      ['Qty', 'CASE WHEN i <> 1 THEN i::DOUBLE END'],
      ['qty', 'i * 100.0::DOUBLE'],
      ['_file', 'i::DOUBLE'],
    ]);
    await place.write('model.onnx', twoInputs('Qty', 'qty'));
    await scoreHere({
      features: { qty: 'qty + 0 * _file' },
      errors: { maxRejectedRows: 1 },
      output: { uri: 'out', columns: { y: 'y' } },
    });
    const rejected = await place.sql(
      `SELECT * EXCLUDE (_file) FROM read_parquet('${place.path('out')}/_shardmill/*/rejected/*')`,
    );
    expect(rejected).toEqual([
      {
        Qty: null,
        qty_2: 100,
        _file_2: 1,
        _row: 1,
        _reason: expect.stringContaining('"Qty" is null'),
      },
    ]);
  });
});

describe('a name that can mean several columns', () => {
  const both = [
    ['Qty', 'i'],
    ['qty', 'i'],
  ] as const;

  async function refused(change: Parameters<typeof score>[1]): Promise<unknown> {
    await writeNamed(place, 'data/a.parquet', both);
    await place.write('model.onnx', echoModel({ x: ['float32', 1] }));
    const output = { uri: 'out', columns: { x: 'x_out' } };
    return score(place, { features: { x: 'Qty' }, output, ...change }).catch(
      (error: unknown) => error,
    );
  }

  it.each<[string, Parameters<typeof score>[1]]>([
    ['a feature', { features: { x: 'QTY' } }],
    ['where', { input: { uri: 'data', where: 'input."QTY" > 0' } }],
    ['an output', { output: { uri: 'out', columns: { x: 'x_out + QTY' } } }],
    ['passThrough', { output: { uri: 'out', passThrough: ['QTY'] } }],
    ['all columns', { output: { uri: 'out', passThrough: '*' } }],
  ])('is refused: %s', async (_, change) => {
    expect(await refused(change)).toMatchObject({
      code: 'EXPRESSION_AMBIGUOUS',
      message: expect.stringMatching(/"Qty"|differ only in case/),
    });
  });

  it('is refused where a model input matches two', async () => {
    await writeNamed(place, 'data/a.parquet', both);
    await place.write('model.onnx', echoModel({ QTY: ['float32', 1] }));
    await expect(
      score(place, { features: {}, output: { uri: 'out', columns: { x: 'QTY_out' } } }),
    ).rejects.toMatchObject({ code: 'EXPRESSION_AMBIGUOUS', where: 'features.QTY' });
  });

  it('is refused where one file has a third spelling, or a name twice', async () => {
    await place.write('model.onnx', echoModel({ x: ['float32', 1] }));
    await writeNamed(place, 'data/a.parquet', both);
    await writeNamed(place, 'data/b.parquet', [['QTY', 'i']]);
    const job = { features: { x: 'qty' }, output: { uri: 'out', columns: { x: 'x_out' } } };
    await expect(score(place, job)).rejects.toMatchObject({
      code: 'INPUT_SCHEMA_MISMATCH',
      message: expect.stringMatching(/b\.parquet has it as "QTY"/),
    });
    await writeNamed(place, 'twice/a.parquet', [
      ['qty', 'i'],
      ['qty', 'i * 2'],
      ['x', 'i * 3'],
    ]);
    await expect(score(place, { ...job, input: { uri: 'twice' } })).rejects.toMatchObject({
      code: 'INPUT_SCHEMA_MISMATCH',
      message: expect.stringContaining('more than once'),
    });
    // The columns that the file has twice are not asked for.
    await score(place, { ...job, features: { x: 'x' }, input: { uri: 'twice' } });
    expect(await place.results()).toEqual([{ x: 0 }, { x: 3 }]);
  });

  it('is missing in a file that has only the other one', async () => {
    await place.write('model.onnx', twoInputs('Qty', 'qty'));
    await writeNamed(place, 'data/a.parquet', both);
    await writeNamed(place, 'data/b.parquet', [['qty', 'i + 5']]);
    const job = { features: {}, output: { uri: 'out', columns: { a: 'Qty', b: 'qty' } } };
    await expect(score(place, job)).rejects.toMatchObject({
      code: 'INPUT_SCHEMA_MISMATCH',
      message: expect.stringMatching(/"Qty" is used, but .*b\.parquet lacks it/),
    });
    const features = { Qty: 'coalesce(Qty, -1)' };
    await score(place, { ...job, features, input: { uri: 'data', missingColumns: 'null' } });
    expect(await place.results()).toEqual([
      { a: 0, b: 0 },
      { a: 1, b: 1 },
      { a: null, b: 5 },
      { a: null, b: 6 },
    ]);
  });
});

describe('names that mean something to a program', () => {
  it.each(WAYS)('are columns like others (single pass: %s)', async (way) => {
    const names = [
      'file_row_number',
      'file_index',
      'filename',
      '_shardmill_key',
      '_row',
      '\uFEFFid',
      '',
    ];
    await writeNamed(
      place,
      'data/a.parquet',
      names.map((name, index) => [name, `(i * 10 + ${index})::DOUBLE`] as const),
      3000,
    );
    const used = names.slice(0, -1);
    const quoted = (name: string): string => `"${name}"`;
    await place.write('model.onnx', echoModel({ x: ['float64', used.length] }));
    await score(
      place,
      {
        features: { x: used.map(quoted) },
        input: { uri: 'data', where: 'file_row_number >= 10' },
        output: {
          uri: 'out',
          passThrough: used,
          columns: { sum: 'list_sum(x_out)', key: '"_shardmill_key" + file_index' },
        },
      },
      way,
    );
    const rows = await place.results('*');
    expect(rows).toHaveLength(2999);
    expect(rows[0]).toEqual({
      file_row_number: 10,
      file_index: 11,
      filename: 12,
      _shardmill_key: 13,
      _row: 14,
      '\uFEFFid': 15,
      sum: 75,
      key: 24,
    });
  });

  it('are output columns and model names: constructor, toString, numbers', async () => {
    await place.writeParquet('data/a.parquet', 'SELECT i AS id, i + 0.5 AS x FROM range(3) r(i)');
    const tensors = ['constructor', 'toString', '2', '1'];
    await place.write(
      'model.onnx',
      encodeModel({
        graph: {
          name: 'odd',
          inputs: ['valueOf', 'hasOwnProperty'].map((name) => float(name)),
          outputs: tensors.map((name) => float(name)),
          nodes: tensors.map((name, index) => ({
            op: 'Identity',
            inputs: [index % 2 === 0 ? 'valueOf' : 'hasOwnProperty'],
            outputs: [name],
          })),
        },
      }),
    );
    for (const way of WAYS) {
      const { manifest } = await score(
        place,
        {
          features: { valueOf: 'x', hasOwnProperty: 'x * 100' },
          output: {
            uri: `out-${way}`,
            columns: {
              constructor: 'model."constructor"',
              toString: '"toString"',
              b: '"2"',
              a: '"1"',
              '7': '"1" + 1',
            },
          },
          plan: { partRows: 2, shardParts: 1 },
        },
        way,
      );
      expect(await place.results('constructor, "toString", b, a, "7"', `out-${way}`)).toEqual(
        [0.5, 1.5, 2.5].map((x) => ({
          constructor: x,
          toString: x * 100,
          b: x,
          a: x * 100,
          '7': x * 100 + 1,
        })),
      );
      expect(Object.keys(manifest.statistics).toSorted()).toEqual(
        ['7', 'a', 'b', 'constructor', 'toString'].toSorted(),
      );
      expect('singlePass' in manifest.seconds).toBe(way === 'always');
      expect(manifest.statistics['constructor']).toMatchObject({ count: 3, min: 0.5, max: 2.5 });
    }
  });

  it('are refused where they cannot be carried', async () => {
    await writeNamed(place, 'data/a.parquet', [
      ['x', 'i'],
      ['', 'i'],
      ['a\0b', 'i'],
      ['__proto__', 'i'],
    ]);
    await place.write('model.onnx', echoModel({ x: ['float32', 1] }));
    const refusal = async (output: object): Promise<unknown> =>
      score(place, { features: {}, output: { uri: 'out', ...output } }).catch((e: unknown) => e);
    const code = 'JOB_INVALID';
    expect(await refusal({ columns: JSON.parse('{ "__proto__": "x_out" }') })).toMatchObject({
      code,
    });
    expect(await refusal({ columns: { 'a\0b': 'x_out' } })).toMatchObject({ code });
    expect(await refusal({ columns: { a: "x_out || '\0'" } })).toMatchObject({ code });
    expect(await refusal({ columns: { '': 'x_out' } })).toMatchObject({ code });
    expect(await refusal({ passThrough: '*' })).toMatchObject({
      code,
      where: 'output.passThrough',
    });
    expect(await refusal({ passThrough: ['__proto__'] })).toMatchObject({ code });
    await score(place, { features: {}, output: { uri: 'out', columns: { p: '"__proto__"' } } });
    expect(await place.results()).toEqual([{ p: 0 }, { p: 1 }]);
  });
});
