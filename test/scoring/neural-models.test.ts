import { encodeModel, type ModelSpec } from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import { score } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

const FLOAT = 1;
const BFLOAT16 = 16;
const FLOAT8 = 17;
/** Of the first one with floats of 8 bits. */
const OPSET = { '': 19 };
const castTo = (type: number) => ({ attributes: { to: { int: type } } });

type Graph = Omit<ModelSpec['graph'], 'name'>;
type Features = NonNullable<Parameters<typeof score>[1]>['features'];

/** Scores three rows, whose `a` is 0, 1, 2 and whose `b` is 10, 9, 8, and gives some outputs as texts. */
async function runFor(
  outputs: readonly string[],
  graph: Graph,
  features: Features,
): Promise<Record<string, unknown>[]> {
  await place.write('model.onnx', encodeModel({ opset: OPSET, graph: { name: 'tiny', ...graph } }));
  await place.writeParquet(
    'data/a.parquet',
    'SELECT i AS id, i::FLOAT AS a, (10 - i)::FLOAT AS b FROM range(3) r(i)',
  );
  const columns = Object.fromEntries(['id', ...outputs].map((name) => [name, name]));
  await score(place, { features, output: { uri: 'out', columns } });
  const texts = outputs.map((name) => `${name}::VARCHAR AS ${name}`).join(', ');
  return place.sql(
    `SELECT ${texts} FROM read_parquet('${place.path('out')}/*.parquet') ORDER BY id`,
  );
}

/** The output `y` of each row. */
async function run(graph: Graph, features: Features): Promise<unknown[]> {
  return (await runFor(['y'], graph, features)).map(({ y }) => y);
}

const floats = (name: string, shape: (string | number)[]) =>
  ({ name, type: 'float32', shape: ['N', ...shape] }) as const;

it('a model that was quantized statically is scored row by row', async () => {
  // y = round(round(x / 0.05) * 0.05 * w / 0.05) * 0.05, the weights being [[1, 0], [0.5, 1]].
  const y = await run(
    {
      inputs: [floats('x', [2])],
      outputs: [floats('y', [2])],
      nodes: [
        { op: 'QuantizeLinear', inputs: ['x', 'scale', 'zero'], outputs: ['q'] },
        { op: 'DequantizeLinear', inputs: ['q', 'scale', 'zero'], outputs: ['d'] },
        { op: 'DequantizeLinear', inputs: ['w', 'w_scale', 'w_zero'], outputs: ['wide'] },
        { op: 'MatMul', inputs: ['d', 'wide'], outputs: ['product'] },
        { op: 'QuantizeLinear', inputs: ['product', 'scale', 'zero'], outputs: ['r'] },
        { op: 'DequantizeLinear', inputs: ['r', 'scale', 'zero'], outputs: ['y'] },
      ],
      initializers: [
        { name: 'scale', type: 'float32', shape: [], data: Float32Array.of(0.05) },
        { name: 'zero', type: 'uint8', shape: [], data: Uint8Array.of(0) },
        { name: 'w', type: 'int8', shape: [2, 2], data: Int8Array.of(100, 0, 50, 100) },
        { name: 'w_scale', type: 'float32', shape: [2], data: Float32Array.of(0.01, 0.01) },
        { name: 'w_zero', type: 'int8', shape: [2], data: new Int8Array(2) },
      ],
    },
    { x: ['a', 'b'] },
  );
  expect(y).toEqual(['[5.0, 10.0]', '[5.5, 9.0]', '[6.0, 8.0]']);
});

describe('bfloat16', () => {
  it('may be the type of layers inside', async () => {
    const y = await run(
      {
        inputs: [floats('x', [1])],
        outputs: [floats('y', [1])],
        nodes: [
          { op: 'Cast', inputs: ['x'], outputs: ['b'], ...castTo(BFLOAT16) },
          { op: 'Cast', inputs: ['b'], outputs: ['y'], ...castTo(FLOAT) },
        ],
      },
      { x: 'a + 1.001' },
    );
    // 8 bits of precision.
    expect(y).toEqual(['1.0', '2.0', '3.0']);
  });

  it('may be the type of inputs and outputs, which are floats for the job', async () => {
    const bfloat16 = (name: string) => ({ ...floats(name, [2]), type: 'bfloat16' }) as const;
    // `x` is used twice, `y` is used within, and a branch takes `x` from around it.
    const branch = (name: string) => ({
      graph: {
        name,
        inputs: [],
        outputs: [bfloat16(name)],
        nodes: [{ op: 'Identity', inputs: ['x'], outputs: [name] }],
      },
    });
    const rows = await runFor(
      ['y', 'w'],
      {
        inputs: [bfloat16('x'), floats('z', [2])],
        outputs: [bfloat16('y'), bfloat16('w')],
        nodes: [
          {
            op: 'If',
            inputs: ['yes'],
            outputs: ['y'],
            attributes: { then_branch: branch('then'), else_branch: branch('else') },
          },
          { op: 'Cast', inputs: ['y'], outputs: ['wide'], ...castTo(FLOAT) },
          { op: 'Cast', inputs: ['x'], outputs: ['x_wide'], ...castTo(FLOAT) },
          { op: 'Add', inputs: ['wide', 'x_wide'], outputs: ['twice'] },
          { op: 'Add', inputs: ['twice', 'z'], outputs: ['sum'] },
          { op: 'Cast', inputs: ['sum'], outputs: ['w'], ...castTo(BFLOAT16) },
        ],
        initializers: [{ name: 'yes', type: 'bool', shape: [], data: Uint8Array.of(1) }],
      },
      { x: ['a', 'a + 1.001'], z: ['b', '0'] },
    );
    expect(rows).toEqual([
      { y: '[0.0, 1.0]', w: '[10.0, 2.0]' },
      { y: '[1.0, 2.0]', w: '[11.0, 4.0]' },
      { y: '[2.0, 3.0]', w: '[12.0, 6.0]' },
    ]);
  });
});

it('a type that JavaScript is not given is refused by its name', async () => {
  const graph = {
    inputs: [floats('x', [1])],
    outputs: [{ ...floats('y', [1]), type: 'float8e4m3fn' as const }],
    nodes: [{ op: 'Cast', inputs: ['x'], outputs: ['y'], ...castTo(FLOAT8) }],
  };
  await expect(run(graph, { x: 'a' })).rejects.toMatchObject({
    code: 'MODEL_TYPE_UNSUPPORTED',
    message: 'an input or an output of the model has the type float8e4m3fn',
    remedy: expect.stringContaining('Cast to float32'),
  });
});

it('several inputs with several open dimensions have the shapes that the job gives', async () => {
  const y = await run(
    {
      inputs: [floats('x', ['A', 2]), floats('z', ['A', 'B'])],
      outputs: [floats('y', ['A', 'C'])],
      nodes: [
        { op: 'Concat', inputs: ['x', 'z'], outputs: ['y'], attributes: { axis: { int: 2 } } },
      ],
    },
    { x: ['a', 'b', '1', '2'], z: { sql: '[3, a, 4, 5, b, 6]', shape: [2, 3] } },
  );
  // Rows of [2, 5], flat: the two of x beside the three of z.
  expect(y[1]).toBe('[1.0, 9.0, 3.0, 1.0, 4.0, 1.0, 2.0, 5.0, 9.0, 6.0]');
});

it('weights beside the model may lie anywhere in their file', async () => {
  const weights = Buffer.alloc(5000);
  weights.set(new Uint8Array(Float32Array.of(1, 10, 100).buffer), 4096);
  await place.write('weights.bin', weights);
  const y = await run(
    {
      inputs: [floats('x', [3])],
      outputs: [floats('y', [1])],
      nodes: [{ op: 'MatMul', inputs: ['x', 'weights'], outputs: ['y'] }],
      initializers: [
        {
          name: 'weights',
          type: 'float32',
          shape: [3, 1],
          file: 'weights.bin',
          offset: 4096,
          length: 12,
        },
      ],
    },
    { x: ['a', 'b', '1'] },
  );
  expect(y).toEqual(['200.0', '191.0', '182.0']);
});
