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
