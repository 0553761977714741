import { InferenceSession } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { encodeModel } from './onnx-encode.js';
import type { TensorSpec } from './onnx-types.js';

const constants: TensorSpec[] = [
  { type: 'float32', shape: [2], data: Float32Array.of(1.5, -0) },
  { type: 'float64', shape: [2, 1], data: Float64Array.of(1e300, Number.NaN) },
  { type: 'float16', shape: [2], data: Uint16Array.of(0x3c00, 0x7bff) },
  { type: 'int8', shape: [1, 2], data: Int8Array.of(-128, 127) },
  { type: 'uint8', shape: [3], data: Uint8Array.of(0, 1, 255) },
  { type: 'int16', shape: [2], data: Int16Array.of(-32768, 32767) },
  { type: 'uint16', shape: [2], data: Uint16Array.of(0, 65535) },
  { type: 'int32', shape: [2], data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1) },
  { type: 'uint32', shape: [2], data: Uint32Array.of(0, 2 ** 32 - 1) },
  { type: 'int64', shape: [2], data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n) },
  { type: 'uint64', shape: [2], data: BigUint64Array.of(0n, 2n ** 64n - 1n) },
  { type: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
  { type: 'string', shape: [3], data: ['', 'a', 'Zoë ☃'] },
  { type: 'float32', shape: [], data: Float32Array.of(7) },
];

test.each(constants)(
  'carries a $type constant of shape $shape to the runtime',
  async (constant) => {
    const model = encodeModel({
      graph: {
        name: 'constant',
        inputs: [],
        outputs: [{ name: 'y', type: constant.type, shape: constant.shape }],
        nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
        initializers: [{ ...constant, name: 'x' }],
      },
    });
    const session = await InferenceSession.create(model, { logSeverityLevel: 4 });
    const { y } = await session.run({});
    expect(y?.type).toBe(constant.type);
    expect(y?.dims).toEqual(constant.shape);
    expect(y?.data).toEqual(constant.data);
  },
);

test('refuses a constant whose length does not fit its shape', () => {
  const value: TensorSpec = { type: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, 3) };
  const nodes = [
    { op: 'Constant', inputs: [], outputs: ['y'], attributes: { value: { tensor: value } } },
  ];
  const graph = { name: 'wrong', inputs: [], outputs: [], nodes };
  expect(() => encodeModel({ graph })).toThrow('tensor of shape [2, 2] needs 4 elements, got 3');
});
