import { encodeModel, logisticRegression, type ModelSpec } from '@shardmill/test-kit';
import { expect, it } from 'vitest';
import { widenBfloat16 } from './widen-bfloat16.js';

const value = (name: string, type: 'bfloat16' | 'float32') =>
  ({ name, type, shape: ['N', 2] }) as const;

function modelOf(change: Partial<ModelSpec['graph']>): Uint8Array {
  return encodeModel({
    graph: {
      name: 'tiny',
      inputs: [value('x', 'bfloat16')],
      outputs: [value('y', 'bfloat16')],
      nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
      ...change,
    },
  });
}

const bfloat16Weights = { type: 'bfloat16', shape: [1, 2], data: Uint16Array.of(0, 0) } as const;

// What the edited model computes is in test/scoring/neural-models.test.ts.
it.each([
  ['one without bfloat16 at its ends', logisticRegression({ features: 2 })],
  ['one that hands an input on', modelOf({ outputs: [value('x', 'bfloat16')] })],
  [
    'one whose output is a constant',
    modelOf({
      inputs: [value('x', 'float32')],
      outputs: [value('w', 'bfloat16')],
      initializers: [{ name: 'w', ...bfloat16Weights }],
    }),
  ],
  [
    'one whose weights stand among its inputs',
    modelOf({
      inputs: [value('w', 'bfloat16')],
      outputs: [value('y', 'float32')],
      initializers: [{ name: 'w', ...bfloat16Weights }],
    }),
  ],
])('%s stays as it is', (_what, model) => {
  expect(widenBfloat16(model)).toBeUndefined();
});

it('what is no model is refused', () => {
  expect(() => widenBfloat16(modelOf({}).subarray(0, 60))).toThrow(RangeError);
});
