import type {
  AttributeSpec,
  Dimension,
  ElementType,
  GraphSpec,
  InitializerSpec,
  ModelSpec,
  NodeSpec,
  OutputSpec,
  TensorSpec,
} from './onnx-types.js';
import { ProtobufWriter } from './protobuf-writer.js';

// Every field and enum number below is from ONNX's schema, onnx/onnx.proto:
// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto

const DEFAULT_OPSET = { '': 17, 'ai.onnx.ml': 3 };
const DEFAULT_IR_VERSION = 8;
const DEFAULT_PRODUCER = 'shardmill-test-kit';

/** `TensorProto.DataType`. */
const DATA_TYPE: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
  float8e4m3fn: 17,
};

/** `AttributeProto.AttributeType`. */
const ATTRIBUTE_TYPE = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
};

/** `TensorProto.DataLocation`. */
const EXTERNAL = 1;

/**
 * Encodes a model as the bytes of an ONNX file (a `ModelProto`), ready for
 * `InferenceSession.create`.
 *
 * Only what would make malformed bytes is checked (the length of a constant against its shape);
 * whether operators, types and shapes fit together is for the runtime to say.
 */
export function encodeModel(model: ModelSpec): Uint8Array {
  const writer = new ProtobufWriter()
    .varint(1, model.irVersion ?? DEFAULT_IR_VERSION)
    .string(2, model.producerName ?? DEFAULT_PRODUCER)
    .message(7, encodeGraph(model.graph));
  for (const [domain, version] of Object.entries(model.opset ?? DEFAULT_OPSET)) {
    writer.message(8, new ProtobufWriter().string(1, domain).varint(2, version));
  }
  return writer.finish();
}

/** `GraphProto`. */
function encodeGraph(graph: GraphSpec): ProtobufWriter {
  const writer = new ProtobufWriter();
  for (const [index, node] of graph.nodes.entries()) writer.message(1, encodeNode(node, index));
  writer.string(2, graph.name);
  for (const initializer of graph.initializers ?? []) {
    writer.message(5, encodeInitializer(initializer));
  }
  for (const input of graph.inputs) writer.message(11, encodeValue(input));
  for (const output of graph.outputs) writer.message(12, encodeValue(output));
  return writer;
}

/** `NodeProto`, named after its operator and place so that runtime errors point at it. */
function encodeNode(node: NodeSpec, index: number): ProtobufWriter {
  const writer = new ProtobufWriter();
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  writer.string(3, `${node.op}_${index}`).string(4, node.op);
  for (const [name, attribute] of Object.entries(node.attributes ?? {})) {
    writer.message(5, encodeAttribute(name, attribute));
  }
  if (node.domain !== undefined) writer.string(7, node.domain);
  return writer;
}

/** `AttributeProto`; field 20 says which of the value fields is in use. */
function encodeAttribute(name: string, attribute: AttributeSpec): ProtobufWriter {
  const writer = new ProtobufWriter().string(1, name);
  if ('float' in attribute) {
    return writer.float(2, attribute.float).varint(20, ATTRIBUTE_TYPE.float);
  }
  if ('int' in attribute) return writer.varint(3, attribute.int).varint(20, ATTRIBUTE_TYPE.int);
  if ('string' in attribute) {
    return writer.string(4, attribute.string).varint(20, ATTRIBUTE_TYPE.string);
  }
  if ('tensor' in attribute) {
    return writer.message(5, encodeTensor(attribute.tensor)).varint(20, ATTRIBUTE_TYPE.tensor);
  }
  if ('graph' in attribute) {
    return writer.message(6, encodeGraph(attribute.graph)).varint(20, ATTRIBUTE_TYPE.graph);
  }
  if ('floats' in attribute) {
    if (attribute.packed === false) for (const value of attribute.floats) writer.float(7, value);
    else writer.packedFloats(7, attribute.floats);
    return writer.varint(20, ATTRIBUTE_TYPE.floats);
  }
  if ('ints' in attribute) {
    if (attribute.packed === false) for (const value of attribute.ints) writer.varint(8, value);
    else writer.packedVarints(8, attribute.ints);
    return writer.varint(20, ATTRIBUTE_TYPE.ints);
  }
  for (const value of attribute.strings) writer.string(9, value);
  return writer.varint(20, ATTRIBUTE_TYPE.strings);
}

/** `TensorProto` with a name. */
function encodeInitializer(initializer: InitializerSpec): ProtobufWriter {
  if ('data' in initializer) return encodeTensor(initializer).string(8, initializer.name);
  const { file, offset, length } = initializer;
  const writer = new ProtobufWriter()
    .packedVarints(1, initializer.shape)
    .varint(2, DATA_TYPE[initializer.type])
    .string(8, initializer.name);
  for (const [key, value] of Object.entries({ location: file, offset, length })) {
    if (value === undefined) continue;
    writer.message(13, new ProtobufWriter().string(1, key).string(2, String(value)));
  }
  return writer.varint(14, EXTERNAL);
}

/**
 * `TensorProto`. Numbers go as raw little-endian bytes (field 9), which is how every platform that
 * onnxruntime-node supports lays out typed arrays; text has only `string_data` (field 6).
 */
function encodeTensor(tensor: TensorSpec): ProtobufWriter {
  const size = tensor.shape.reduce((product, dimension) => product * dimension, 1);
  if (tensor.data.length !== size) {
    const shape = tensor.shape.join(', ');
    throw new RangeError(
      `tensor of shape [${shape}] needs ${size} elements, got ${tensor.data.length}`,
    );
  }
  const writer = new ProtobufWriter()
    .packedVarints(1, tensor.shape)
    .varint(2, DATA_TYPE[tensor.type]);
  if (tensor.type === 'string') {
    for (const text of tensor.data) writer.string(6, text);
    return writer;
  }
  const { buffer, byteOffset, byteLength } = tensor.data;
  return writer.bytes(9, new Uint8Array(buffer, byteOffset, byteLength));
}

/** `ValueInfoProto`. */
function encodeValue(value: OutputSpec): ProtobufWriter {
  return new ProtobufWriter().string(1, value.name).message(2, encodeValueType(value));
}

/** `TypeProto`: a tensor, a sequence of tensors, or sequence(map(key, tensor of unknown shape)). */
function encodeValueType(value: OutputSpec): ProtobufWriter {
  if (value.kind === 'sequence-of-tensor') {
    const sequence = new ProtobufWriter().message(1, encodeTensorType(value.type));
    return new ProtobufWriter().message(4, sequence);
  }
  if (value.kind !== 'sequence-of-map') return encodeTensorType(value.type, value.shape);
  const map = new ProtobufWriter()
    .varint(1, DATA_TYPE[value.keyType])
    .message(2, encodeTensorType(value.valueType));
  const element = new ProtobufWriter().message(5, map);
  return new ProtobufWriter().message(4, new ProtobufWriter().message(1, element));
}

/** `TypeProto` around a `TypeProto.Tensor`. Without a shape, the rank is left open. */
function encodeTensorType(type: ElementType, shape?: readonly Dimension[]): ProtobufWriter {
  const tensor = new ProtobufWriter().varint(1, DATA_TYPE[type]);
  if (shape !== undefined) tensor.message(2, encodeShape(shape));
  return new ProtobufWriter().message(1, tensor);
}

/** `TensorShapeProto`. */
function encodeShape(shape: readonly Dimension[]): ProtobufWriter {
  const writer = new ProtobufWriter();
  for (const dimension of shape) {
    const encoded = new ProtobufWriter();
    if (typeof dimension === 'number') encoded.varint(1, dimension);
    else encoded.string(2, dimension);
    writer.message(1, encoded);
  }
  return writer;
}
