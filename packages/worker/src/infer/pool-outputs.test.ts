import type { Pooling } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { toHalf } from '../onnx/float16.js';
import { poolOutputs } from './pool-outputs.js';

/** Two rows of three tokens of two numbers. */
const VALUES = [1, 2, 3, -4, 100, 100, 5, 5, 7, 7, -9, 9];
const hidden: BatchTensor = {
  name: 'hidden',
  type: 'float32',
  rowShape: [3, 2],
  width: 6,
  data: Float32Array.from(VALUES),
};
const mask: BatchTensor = {
  name: 'attention_mask',
  type: 'int64',
  rowShape: [3],
  width: 3,
  data: BigInt64Array.of(1n, 1n, 0n, 1n, 1n, 1n),
};

function pooled(by: Pooling['by'], normalize = false, of = hidden, rows = 2): number[] {
  const pooling = { of: of.name, by, normalize, mask: 'attention_mask' };
  const wanted = [{ name: 'pooled', type: 'float32' as const, shape: ['N', 2], pooling }];
  const [output] = poolOutputs(wanted, [of], [mask], rows);
  expect(output).toMatchObject({ name: 'pooled', type: 'float32', rowShape: [2], width: 2 });
  return [...(output?.data ?? [])].map((value) => Math.round(Number(value) * 1e6) / 1e6);
}

describe('pooling', () => {
  it('takes the mean of the tokens, without the padding', () => {
    expect(pooled('mean')).toEqual([2, -1, 1, 7]);
  });

  it('takes the greatest value of the tokens, without the padding', () => {
    expect(pooled('max')).toEqual([3, 2, 7, 9]);
  });

  it('takes the first token', () => {
    expect(pooled('cls')).toEqual([1, 2, 5, 5]);
  });

  it('divides each vector by its length, and leaves a vector of zeros', () => {
    expect(pooled('cls', true)).toEqual([0.447214, 0.894427, 0.707107, 0.707107]);
    const data = Float32Array.of(3, 4, 0, 0);
    const vector: BatchTensor = { ...hidden, rowShape: [2], width: 2, data };
    expect(pooled('none', true, vector)).toEqual([0.6, 0.8, 0, 0]);
  });

  it('gives zeros for a row without a token', () => {
    const none = { ...mask, data: new BigInt64Array(6) };
    const pooling = { of: 'hidden', by: 'max', normalize: false, mask: 'attention_mask' } as const;
    const wanted = [{ name: 'x', type: 'float32' as const, shape: ['N', 2], pooling }];
    expect([...(poolOutputs(wanted, [hidden], [none], 2)[0]?.data ?? [])]).toEqual([0, 0, 0, 0]);
  });

  it('takes half floats', () => {
    const half: BatchTensor = {
      ...hidden,
      type: 'float16',
      data: Uint16Array.from(VALUES, toHalf),
    };
    expect(pooled('mean', false, half)).toEqual([2, -1, 1, 7]);
  });

  it('gives the same vectors as floats, as whole numbers with their scale, and as half floats', () => {
    const pooling = { of: 'hidden', by: 'mean', normalize: false, mask: 'attention_mask' } as const;
    const wanted = [
      { name: 'floats', type: 'float32' as const, shape: ['N', 2], pooling },
      {
        name: 'values',
        type: 'int8' as const,
        shape: ['N', 2],
        pooling: { ...pooling, quantized: 'values' as const },
      },
      {
        name: 'scale',
        type: 'float32' as const,
        shape: ['N'],
        pooling: { ...pooling, quantized: 'scale' as const },
      },
      {
        name: 'half',
        type: 'uint16' as const,
        shape: ['N', 2],
        pooling: { ...pooling, quantized: 'half' as const },
      },
    ];
    const [floats, values, scale, half] = poolOutputs(wanted, [hidden], [mask], 2);
    expect(floats?.data).toEqual(Float32Array.of(2, -1, 1, 7));
    expect(values).toEqual({
      name: 'values',
      type: 'int8',
      rowShape: [2],
      width: 2,
      data: Int8Array.of(127, -64, 18, 127),
    });
    expect(scale).toEqual({
      name: 'scale',
      type: 'float32',
      rowShape: [],
      width: 1,
      data: Float32Array.of(2 / 127, 7 / 127),
    });
    expect(half).toMatchObject({
      type: 'uint16',
      width: 2,
      data: Uint16Array.from([2, -1, 1, 7], toHalf),
    });
  });

  it('refuses what is no vector for each token', () => {
    const flat = { ...hidden, rowShape: [6] };
    expect(() => pooled('mean', false, flat)).toThrow('cannot be pooled');
  });
});
