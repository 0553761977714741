import { EngineProcess } from '@shardmill/worker';
import { type ElementType, encodeModel } from '@shardmill/test-kit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { echoModel } from '../support/echo-model.js';
import { renameColumns } from '../support/rename-columns.js';
import { score as scoreWith, type Scored } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

type Way = 'never' | 'always';
const WAYS: readonly Way[] = ['never', 'always'];
/** An engine for each way of scoring a part: it looks at its environment as it starts. */
const engines = new Map<Way, EngineProcess>();
beforeAll(() => {
  for (const way of WAYS) {
    vi.stubEnv('SHARDMILL_SINGLE_PASS', way);
    engines.set(way, EngineProcess.start());
  }
  vi.unstubAllEnvs();
});
afterAll(async () => {
  for (const engine of engines.values()) await engine.close();
});

const score = (
  at: typeof place,
  change: Parameters<typeof scoreWith>[1] = {},
  way: Way = 'never',
): Promise<Scored> => {
  const engine = engines.get(way);
  if (engine === undefined) throw new Error('there is no engine');
  return scoreWith(at, change, { engine });
};

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

/** Writes a file whose columns are renamed to names that SQL cannot give. */
async function writeNamed(
  file: string,
  columns: readonly (readonly [name: string, sql: string])[],
  rows = 2,
): Promise<void> {
  const items = columns.map(([, sql], index) => `${sql} AS renamed_${index}_`);
  const query = `SELECT ${items.join(', ')} FROM range(${rows}) r(i)`;
  const written = await place.writeParquet(file, query, 'ROW_GROUP_SIZE 2048');
  await renameColumns(
    written,
    columns.map(([name], index) => [`renamed_${index}_`, name] as const),
  );
}

describe.each(WAYS)('columns that differ in case only (single pass: %s)', (way) => {
  const scoreHere = (change: Parameters<typeof scoreWith>[1]): Promise<Scored> =>
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
    await writeNamed('data/a.parquet', quantities);
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

  it('are told apart in where, in pruning and in what is passed on', async () => {
    await writeNamed('data/a.parquet', quantities, 5000);
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
    await writeNamed('data/a.parquet', [
      ['id', 'i'],
      ['Age', 'i + 1.5'],
    ]);
    await writeNamed('data/b.parquet', [
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
    await writeNamed('data/a.parquet', [
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
    await writeNamed('data/a.parquet', both);
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
    await writeNamed('data/a.parquet', both);
    await place.write('model.onnx', echoModel({ QTY: ['float32', 1] }));
    await expect(
      score(place, { features: {}, output: { uri: 'out', columns: { x: 'QTY_out' } } }),
    ).rejects.toMatchObject({ code: 'EXPRESSION_AMBIGUOUS', where: 'features.QTY' });
  });

  it('is refused where one file has a third spelling, or a name twice', async () => {
    await place.write('model.onnx', echoModel({ x: ['float32', 1] }));
    await writeNamed('data/a.parquet', both);
    await writeNamed('data/b.parquet', [['QTY', 'i']]);
    const job = { features: { x: 'qty' }, output: { uri: 'out', columns: { x: 'x_out' } } };
    await expect(score(place, job)).rejects.toMatchObject({
      code: 'INPUT_SCHEMA_MISMATCH',
      message: expect.stringMatching(/b\.parquet has it as "QTY"/),
    });
    await writeNamed('twice/a.parquet', [
      ['qty', 'i'],
      ['qty', 'i * 2'],
      ['x', 'i * 3'],
    ]);
    await expect(score(place, { ...job, input: { uri: 'twice' } })).rejects.toMatchObject({
      code: 'INPUT_SCHEMA_MISMATCH',
      message: expect.stringContaining('more than once'),
    });
    // Nobody asks for them.
    await score(place, { ...job, features: { x: 'x' }, input: { uri: 'twice' } });
    expect(await place.results()).toEqual([{ x: 0 }, { x: 3 }]);
  });

  it('is missing in a file that has only the other one', async () => {
    await place.write('model.onnx', twoInputs('Qty', 'qty'));
    await writeNamed('data/a.parquet', both);
    await writeNamed('data/b.parquet', [['qty', 'i + 5']]);
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
    await writeNamed('data/a.parquet', [
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

const float = (name: string, type: ElementType = 'float32') =>
  ({ name, type, shape: ['N', 1] }) as const;

/** Whatever somebody may call a column. */
const NAMES = [
  'a',
  'A',
  'b',
  'B',
  'É',
  'é',
  'ß',
  'K',
  '\u212A',
  'İ',
  'constructor',
  'toString',
  'valueOf',
  '__proto__',
  'file_row_number',
  'File_Row_Number',
  'file_index',
  'filename',
  'rowid',
  'input',
  'model',
  'Model',
  '_shardmill_key',
  '_shardmill_column_0',
  '_shardmill_output_0',
  'c0',
  'C0',
  'A_1',
  'a_1',
  'col0',
  'select',
  '1',
  '2',
  '10',
  ' ',
  ' a',
  'a b',
  'a.b',
  'a"b',
  "a'b",
  'a, b',
  '[1]',
  'a\nb',
  '\uFEFFa',
  '日本',
  '🎉',
  'element',
  'list',
  '_file',
  '_reason',
  'x',
  'X',
  'results_0_0',
  '$1',
  '?',
  '*',
  '%',
  '--',
  '/*',
  '',
] as const;

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

describe('any names', () => {
  const distinct = (count: number) =>
    fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: count, maxLength: count });

  it('give the right scores, or a refusal that says why', async () => {
    let run = 0;
    let scored = 0;
    await fc.assert(
      fc.asyncProperty(
        distinct(5),
        distinct(4),
        distinct(3),
        fc.constantFrom(...WAYS),
        async (columns, tensors, outputs, way) => {
          const folder = `run-${run++}`;
          await writeNamed(
            `${folder}/in/data.parquet`,
            columns.map((name, index) => [name, `(i * 100 + ${index})::FLOAT`] as const),
            3,
          );
          // A tensor of ONNX without a name is none.
          const [first = '', second = '', third = '', fourth = ''] = tensors;
          if (tensors.some((name) => name === '')) return;
          const named = columns.filter((name) => name !== '');
          const [p = '', q = ''] = named;
          await place.write(
            `${folder}/model.onnx`,
            encodeModel({
              graph: {
                name: 'any',
                inputs: [float(first), float(second)],
                outputs: [float(third), float(fourth)],
                nodes: [
                  { op: 'Identity', inputs: [first], outputs: [third] },
                  { op: 'Identity', inputs: [second], outputs: [fourth] },
                ],
              },
            }),
          );
          const [one = '', two = '', three = ''] = outputs;
          const entries = [
            [one, `model.${quote(third)}`],
            [two, `model.${quote(fourth)}`],
            [three, `input.${quote(q)}`],
          ] as const;
          const result: Scored | unknown = await score(
            place,
            {
              input: { uri: `${folder}/in`, where: `input.${quote(p)} < 200` },
              model: { uri: `${folder}/model.onnx` },
              features: Object.fromEntries([
                [first, `input.${quote(p)}`],
                [second, quote(q)],
              ]),
              output: { uri: `${folder}/out`, columns: Object.fromEntries(entries) },
            },
            way,
          ).catch((error: unknown) => error);
          const place1 = JSON.stringify({ columns, tensors, outputs });
          if (result instanceof Error) {
            const code: unknown = Reflect.get(result, 'code');
            const why = `${place1} ${String(code)}: ${result.message}`;
            const proto = [...tensors, ...outputs].includes('__proto__');
            const folded = outputs.map((name) => name.replaceAll(/[A-Z]/g, (l) => l.toLowerCase()));
            const expected =
              proto || outputs.includes('') || new Set(folded).size < 3
                ? ['JOB_INVALID', 'MODEL_INVALID', 'EXPRESSION_AMBIGUOUS']
                : ['EXPRESSION_AMBIGUOUS'];
            expect(expected, why).toContain(code);
            // Besides, only a name that is both a column and a table can mean two things.
            if (expected.length === 1) {
              expect(
                [...columns, ...tensors].some((n) => /^(input|model)$/i.test(n)),
                why,
              ).toBe(true);
            }
            return;
          }
          scored++;
          const list = [one, two, three].map((name, i) => `${quote(name)} AS c${i}`).join(', ');
          const at = (name: string): number => columns.indexOf(name as never);
          expect(await place.results(list, `${folder}/out`), place1).toEqual(
            [0, 1].map((i) => ({
              c0: i * 100 + at(p),
              c1: i * 100 + at(q),
              c2: i * 100 + at(q),
            })),
          );
        },
      ),
      { numRuns: 50, seed: 7 },
    );
    // Most of them are no reason to refuse anything.
    expect(scored).toBeGreaterThan(25);
  }, 180_000);
});
