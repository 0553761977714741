import { encodeModel } from '@shardmill/test-kit';

/**
 * Takes the memory that the row asks for: as many floats as the batch's highest `size`, and keeps
 * it after the run. Input `size` float32 [N, 1]; output `score` float32 [N, 1], the size again.
 */
export function hogOnDemand(): Uint8Array {
  const constant = (name: string, value: bigint) => ({
    name,
    type: 'int64' as const,
    shape: [1],
    data: BigInt64Array.of(value),
  });
  return encodeModel({
    graph: {
      name: 'hog_on_demand',
      inputs: [{ name: 'size', type: 'float32', shape: ['N', 1] }],
      outputs: [{ name: 'score', type: 'float32', shape: ['N', 1] }],
      nodes: [
        {
          op: 'ReduceMax',
          inputs: ['size'],
          outputs: ['most'],
          attributes: { keepdims: { int: 0 } },
        },
        { op: 'Cast', inputs: ['most'], outputs: ['whole'], attributes: { to: { int: 7 } } },
        { op: 'Reshape', inputs: ['whole', 'one'], outputs: ['length'] },
        {
          op: 'ConstantOfShape',
          inputs: ['length'],
          outputs: ['hog'],
          attributes: {
            value: { tensor: { type: 'float32', shape: [1], data: Float32Array.of(1) } },
          },
        },
        {
          op: 'ReduceMax',
          inputs: ['hog'],
          outputs: ['unit'],
          attributes: { keepdims: { int: 0 } },
        },
        { op: 'Mul', inputs: ['size', 'unit'], outputs: ['score'] },
      ],
      initializers: [constant('one', 1n)],
    },
  });
}

/**
 * Takes room for each row of a call: so many floats. Input `x` float32 [N, 1]; outputs `score`, the
 * same as `x`, and `call_rows`, the rows N of the call that a row was in (4 for fewer, so that the few
 * rows of a look at the model do not show), both float32 [N, 1].
 */
export function roomPerRow({ floats }: { readonly floats: number }): Uint8Array {
  return encodeModel({
    graph: {
      name: 'room_per_row',
      inputs: [{ name: 'x', type: 'float32', shape: ['N', 1] }],
      outputs: [
        { name: 'score', type: 'float32', shape: ['N', 1] },
        { name: 'call_rows', type: 'float32', shape: ['N', 1] },
      ],
      nodes: [
        { op: 'Expand', inputs: ['x', 'wide'], outputs: ['room'] },
        {
          op: 'ReduceMax',
          inputs: ['room'],
          outputs: ['score'],
          attributes: { axes: { ints: [1] }, keepdims: { int: 1 } },
        },
        {
          op: 'Shape',
          inputs: ['x'],
          outputs: ['rows'],
          attributes: { start: { int: 0 }, end: { int: 1 } },
        },
        {
          op: 'Cast',
          inputs: ['rows'],
          outputs: ['count'],
          attributes: { to: { int: 1 } },
        },
        { op: 'Max', inputs: ['count', 'four'], outputs: ['at_least'] },
        { op: 'Shape', inputs: ['x'], outputs: ['shape'] },
        { op: 'Expand', inputs: ['at_least', 'shape'], outputs: ['call_rows'] },
      ],
      initializers: [
        { name: 'four', type: 'float32', shape: [1], data: Float32Array.of(4) },
        { name: 'wide', type: 'int64', shape: [2], data: BigInt64Array.of(1n, BigInt(floats)) },
      ],
    },
  });
}
