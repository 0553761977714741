export * from './models.js';
export { encodeModel } from './onnx-encode.js';
export type * from './onnx-types.js';
export { type Integer, ProtobufWriter } from './protobuf-writer.js';
export * from './random.js';
