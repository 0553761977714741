import { encodeModel } from '../onnx-encode.js';
import type { GraphSpec, InitializerSpec, TensorSpec } from '../onnx-types.js';
import { featuresInput, scoreOutput } from './values.js';

/** Options of {@link failsOnRows}. */
export interface FailsOnRowsOptions {
  /** Length of the table that rows look into; 100 when left out. */
  readonly tableSize?: number;
}

/**
 * Fails at run time for batches with certain rows: `run` rejects when any `id` is outside
 * [-tableSize, tableSize), by Gather's check of its indices. A negative id counts from the end.
 *
 * Input `id` int64 [N]; output `value` float32 [N], which is `id + 0.5` for an id in
 * [0, tableSize).
 */
export function failsOnRows({ tableSize = 100 }: FailsOnRowsOptions = {}): Uint8Array {
  const table = Float32Array.from({ length: tableSize }, (_, id) => id + 0.5);
  return encodeModel({
    graph: {
      name: 'fails_on_rows',
      inputs: [{ name: 'id', type: 'int64', shape: ['N'] }],
      outputs: [{ name: 'value', type: 'float32', shape: ['N'] }],
      nodes: [{ op: 'Gather', inputs: ['table', 'id'], outputs: ['value'] }],
      initializers: [{ name: 'table', type: 'float32', shape: [tableSize], data: table }],
    },
  });
}

/** Options of {@link memoryHog}. */
export interface MemoryHogOptions {
  /** Size of the tensor that a run fills. */
  readonly bytes: number;
}

/**
 * Fills a float tensor of about `bytes` bytes on each run of one row or more, however many, and
 * loads without doing so. Where the runtime cannot get the memory, `run` rejects; where the system
 * overcommits, filling it may end the process. With the CPU memory arena on, the session keeps the
 * memory after the run.
 *
 * The tensor's length is `bytes / 4 * min(N, 1)`, which the optimizer cannot work out while N is
 * open. (In a session whose `freeDimensionOverrides` fix N, it may.)
 *
 * Input `features` float32 [N, 3]; output `score` float32 [N, 1], the sum of the row's features.
 */
export function memoryHog({ bytes }: MemoryHogOptions): Uint8Array {
  const length = BigInt(Math.ceil(bytes / 4));
  const unit: TensorSpec = { type: 'float32', shape: [1], data: Float32Array.of(1) };
  return encodeModel({
    graph: {
      name: 'memory_hog',
      inputs: [featuresInput(3)],
      outputs: [scoreOutput()],
      nodes: [
        { op: 'Shape', inputs: ['features'], outputs: ['rows'], attributes: { end: { int: 1 } } },
        { op: 'Min', inputs: ['rows', 'one'], outputs: ['any'] },
        { op: 'Mul', inputs: ['any', 'length'], outputs: ['hog_shape'] },
        {
          op: 'ConstantOfShape',
          inputs: ['hog_shape'],
          outputs: ['hog'],
          attributes: { value: { tensor: unit } },
        },
        { op: 'ReduceMax', inputs: ['hog'], outputs: ['highest'] },
        { op: 'ReduceSum', inputs: ['features', 'last_axis'], outputs: ['row_sum'] },
        { op: 'Mul', inputs: ['row_sum', 'highest'], outputs: ['score'] },
      ],
      initializers: [
        int64Vector('one', 1n),
        int64Vector('length', length),
        int64Vector('last_axis', 1n),
      ],
    },
  });
}

/** Options of {@link slow}. */
export interface SlowOptions {
  /**
   * Matrix products for each row, of 65 536 multiply-adds each. On one thread of a server CPU, one
   * costs a row about 0.6 µs in batches of 16 rows and more, and 3 µs in a batch of one; so 200
   * iterations make about 0.1 ms a row and 3 500 make 2 ms.
   */
  readonly iterations: number;
}

const SLOW_WIDTH = 256;

/**
 * Spends time on each row, for tests that interrupt or time out a run: a Loop that multiplies the
 * rows, spread out to 256 columns, by a [256, 256] permutation over and over. The result does not
 * depend on `iterations`. All intra-op threads of the session share the work.
 *
 * Input `features` float32 [N, 3]; output `score` float32 [N, 1], the sum of the row's features.
 */
export function slow({ iterations }: SlowOptions): Uint8Array {
  return encodeModel({
    graph: {
      name: 'slow',
      inputs: [featuresInput(3)],
      outputs: [scoreOutput()],
      nodes: [
        { op: 'MatMul', inputs: ['features', 'spread'], outputs: ['start'] },
        {
          op: 'Loop',
          inputs: ['iterations', '', 'start'],
          outputs: ['end'],
          attributes: { body: { graph: slowBody() } },
        },
        { op: 'ReduceSum', inputs: ['end', 'last_axis'], outputs: ['score'] },
      ],
      initializers: [
        placement('spread', 3, (row) => row),
        placement('shift', SLOW_WIDTH, (row) => (row + 1) % SLOW_WIDTH),
        {
          name: 'iterations',
          type: 'int64',
          shape: [],
          data: BigInt64Array.of(BigInt(iterations)),
        },
        int64Vector('last_axis', 1n),
      ],
    },
  });
}

/** One turn of {@link slow}'s Loop: `after = before · shift`, and go on. */
function slowBody(): GraphSpec {
  return {
    name: 'slow_body',
    inputs: [
      { name: 'turn', type: 'int64', shape: [] },
      { name: 'going', type: 'bool', shape: [] },
      { name: 'before', type: 'float32', shape: ['N', SLOW_WIDTH] },
    ],
    outputs: [
      { name: 'go_on', type: 'bool', shape: [] },
      { name: 'after', type: 'float32', shape: ['N', SLOW_WIDTH] },
    ],
    nodes: [
      { op: 'Identity', inputs: ['going'], outputs: ['go_on'] },
      { op: 'MatMul', inputs: ['before', 'shift'], outputs: ['after'] },
    ],
  };
}

/** A [rows, 256] matrix of zeros but for a 1 in each row, at the column that `columnOf` gives. */
function placement(name: string, rows: number, columnOf: (row: number) => number): InitializerSpec {
  const data = new Float32Array(rows * SLOW_WIDTH);
  for (let row = 0; row < rows; row++) data[row * SLOW_WIDTH + columnOf(row)] = 1;
  return { name, type: 'float32', shape: [rows, SLOW_WIDTH], data };
}

function int64Vector(name: string, value: bigint): InitializerSpec {
  return { name, type: 'int64', shape: [1], data: BigInt64Array.of(value) };
}
