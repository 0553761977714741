import type { OnnxTensor } from './onnx-graph.js';
import { fieldText, pushIntegers, readFields } from './protobuf-message.js';

/** Larger tensors are weights; axes and shapes are a few integers. */
const MAX_INTEGERS = 64;

/** `TensorProto.DataType`. */
const INT32 = 6;
const INT64 = 7;

/** Shape of a tensor, and the values of one of few integers. */
export function readOnnxTensor(bytes: Uint8Array): OnnxTensor {
  const shape: number[] = [];
  let name = '';
  let type = 0;
  const data: number[] = [];
  let raw: Uint8Array | undefined;
  for (const field of readFields(bytes)) {
    if (field.number === 1) pushIntegers(field, shape);
    else if (field.number === 2) type = field.value;
    else if (field.number === 8) name = fieldText(field.bytes);
    else if (field.number === 9) raw = field.bytes;
    else if (
      (field.number === 5 || field.number === 7) &&
      field.bytes.length <= MAX_INTEGERS * 10
    ) {
      pushIntegers(field, data);
    }
  }
  const count = shape.reduce((product, size) => product * size, 1);
  if ((type !== INT32 && type !== INT64) || count > MAX_INTEGERS) {
    return { name, shape, integers: undefined };
  }
  const integers = raw === undefined ? data : rawIntegers(raw, type);
  return { name, shape, integers: integers.length === count ? integers : undefined };
}

function rawIntegers(raw: Uint8Array, type: number): number[] {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const size = type === INT64 ? 8 : 4;
  return Array.from({ length: Math.floor(raw.byteLength / size) }, (_, index) =>
    type === INT64
      ? Number(view.getBigInt64(index * size, true))
      : view.getInt32(index * size, true),
  );
}
