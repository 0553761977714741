import { fields, text, VarintReader } from '../protobuf-fields.js';

/** A graph of an ONNX file as far as its work can be estimated from it: no weights, only shapes. */
export interface OnnxGraph {
  readonly nodes: readonly GraphNode[];
  /** Constants: their shapes, and the values of short integer ones. */
  readonly constants: ReadonlyMap<string, GraphValue>;
  /** Names of the inputs, in their order. */
  readonly inputs: readonly string[];
}

/** What is known of a tensor. */
export interface GraphValue {
  readonly shape: readonly number[];
  /** Of a short integer tensor, such as a shape. */
  readonly ints?: readonly number[] | undefined;
  /** It does not depend on the rows: computed once, or not at all. */
  readonly constant?: boolean;
}

export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly ints: ReadonlyMap<string, readonly number[]>;
  readonly texts: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, GraphValue>;
  readonly graphs: ReadonlyMap<string, OnnxGraph>;
  /** Bytes of the node itself: coefficients of operators of `ai.onnx.ml` are attributes. */
  readonly bytes: number;
}

/** Longer integer tensors are no shapes. */
const MAX_INTS = 64;
const INT64 = 7;
const INT32 = 6;

/** @returns undefined where the bytes are not a GraphProto: whether a model is one, others say. */
export function readGraph(bytes: Uint8Array): OnnxGraph | undefined {
  try {
    return graphOf(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Field numbers are those of onnx.proto: GraphProto. @throws RangeError */
function graphOf(bytes: Uint8Array): OnnxGraph {
  const nodes: GraphNode[] = [];
  const constants = new Map<string, GraphValue>();
  const inputs: string[] = [];
  for (const field of fields(bytes)) {
    if (field.number === 1) nodes.push(readNode(field.bytes));
    else if (field.number === 5) {
      const { name, value } = readTensor(field.bytes);
      constants.set(name, value);
    } else if (field.number === 11) {
      for (const part of fields(field.bytes)) if (part.number === 1) inputs.push(text(part.bytes));
    }
  }
  return { nodes, constants, inputs };
}

/** NodeProto. */
function readNode(bytes: Uint8Array): GraphNode {
  let op = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Attributes = {
    ints: new Map(),
    texts: new Map(),
    tensors: new Map(),
    graphs: new Map(),
  };
  for (const field of fields(bytes)) {
    if (field.number === 1) inputs.push(text(field.bytes));
    else if (field.number === 2) outputs.push(text(field.bytes));
    else if (field.number === 4) op = text(field.bytes);
    else if (field.number === 5) readAttribute(field.bytes, attributes);
  }
  return { op, inputs, outputs, ...attributes, bytes: bytes.length };
}

interface Attributes {
  readonly ints: Map<string, readonly number[]>;
  readonly texts: Map<string, string>;
  readonly tensors: Map<string, GraphValue>;
  readonly graphs: Map<string, OnnxGraph>;
}

/** Of the millions of numbers of a tree ensemble only two lists are looked at. */
const LONG_LISTS = /^(?:nodes_|leaf_|target_|class_|coefficients|support_vectors)/;
const KEPT_LISTS: ReadonlySet<string> = new Set(['nodes_treeids', 'nodes_splits']);

/** AttributeProto, whose name comes first. */
function readAttribute(bytes: Uint8Array, into: Attributes): void {
  let name = '';
  const ints: number[] = [];
  for (const field of fields(bytes)) {
    if (field.number === 1) {
      name = text(field.bytes);
      if (LONG_LISTS.test(name) && !KEPT_LISTS.has(name)) return;
    } else if (field.number === 3) ints.push(field.value);
    else if (field.number === 4) into.texts.set(name, text(field.bytes));
    else if (field.number === 5) into.tensors.set(name, readTensor(field.bytes).value);
    else if (field.number === 6) into.graphs.set(name, graphOf(field.bytes));
    else if (field.number === 8) pushInts(field, ints);
  }
  if (ints.length > 0) into.ints.set(name, ints);
}

/** TensorProto: dims = 1, data_type = 2, int32_data = 5, int64_data = 7, name = 8, raw_data = 9. */
function readTensor(bytes: Uint8Array): { name: string; value: GraphValue } {
  let name = '';
  let type = 0;
  let raw: Uint8Array | undefined;
  const shape: number[] = [];
  const given: number[] = [];
  for (const field of fields(bytes)) {
    if (field.number === 1) pushInts(field, shape);
    else if (field.number === 2) type = field.value;
    else if (field.number === 8) name = text(field.bytes);
    else if (field.number === 9) raw = field.bytes;
    else if (field.number === 5 || field.number === 7) {
      if (field.bytes.length <= MAX_INTS * 10) pushInts(field, given);
    }
  }
  const count = shape.reduce((product, dim) => product * dim, 1);
  const whole = (type === INT64 || type === INT32) && count <= MAX_INTS;
  const ints = raw === undefined ? given : whole ? intsOf(raw, type) : undefined;
  return { name, value: { shape, ints: whole ? ints : undefined, constant: true } };
}

function intsOf(raw: Uint8Array, type: number): number[] {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const width = type === INT64 ? 8 : 4;
  return Array.from({ length: Math.floor(raw.byteLength / width) }, (_, index) =>
    type === INT64
      ? Number(view.getBigInt64(index * width, true))
      : view.getInt32(index * width, true),
  );
}

/** A repeated integer, packed or not. */
function pushInts(
  { value, bytes }: { readonly value: number; readonly bytes: Uint8Array },
  into: number[],
): void {
  if (bytes.length === 0) {
    into.push(value);
    return;
  }
  const reader = new VarintReader(bytes);
  while (reader.at < bytes.length) into.push(reader.next());
}
