/** Element types of tensors that Shardmill fills and reads, by their ONNX Runtime names. */
export const tensorTypes = [
  'float32',
  'float64',
  'float16',
  'int32',
  'int64',
  'bool',
  'string',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'uint32',
  'uint64',
] as const;
export type TensorType = (typeof tensorTypes)[number];
