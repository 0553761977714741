import { ProtobufReader } from './protobuf-reader.js';

/**
 * The graph of an ONNX file, as far as nodes and names go; what is in a node or a constant stays
 * encoded. Field numbers here and beside are those of onnx.proto
 * (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */
export interface Graph {
  readonly irVersion: number;
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly constants: readonly GraphValue[];
  /** Operator set version by domain; the default domain is the empty string. */
  readonly opsets: ReadonlyMap<string, number>;
}

export interface GraphNode {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The `NodeProto`. */
  readonly bytes: Uint8Array;
}

/** An input or output of the graph (`ValueInfoProto`), or a constant of it (`TensorProto`). */
export interface GraphValue {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** @throws RangeError where the bytes are not a model. */
export function readGraph(model: Uint8Array): Graph {
  const opsets = new Map<string, number>();
  let irVersion = 0;
  let graph: Uint8Array | undefined;
  for (const field = new ProtobufReader(model); field.next(); ) {
    if (field.number === 1) irVersion = field.value;
    if (field.number === 7) graph = field.content;
    if (field.number === 8) readOpset(field.content, opsets);
  }
  if (graph === undefined) throw new RangeError('an ONNX model without a graph');
  const nodes: GraphNode[] = [];
  const inputs: GraphValue[] = [];
  const outputs: GraphValue[] = [];
  const constants: GraphValue[] = [];
  for (const field = new ProtobufReader(graph); field.next(); ) {
    if (field.number === 1) nodes.push(readNode(field.content));
    if (field.number === 5) constants.push(readNamed(field.content, 8));
    if (field.number === 11) inputs.push(readNamed(field.content, 1));
    if (field.number === 12) outputs.push(readNamed(field.content, 1));
  }
  return { irVersion, nodes, inputs, outputs, constants, opsets };
}

function readOpset(bytes: Uint8Array, into: Map<string, number>): void {
  let domain = '';
  let version = 0;
  for (const field = new ProtobufReader(bytes); field.next(); ) {
    if (field.number === 1) domain = field.text;
    if (field.number === 2) version = field.value;
  }
  into.set(domain === 'ai.onnx' ? '' : domain, version);
}

function readNode(bytes: Uint8Array): GraphNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  let op = '';
  let domain = '';
  for (const field = new ProtobufReader(bytes); field.next(); ) {
    if (field.number === 1) inputs.push(field.text);
    if (field.number === 2) outputs.push(field.text);
    if (field.number === 4) op = field.text;
    if (field.number === 7) domain = field.text;
  }
  return { op, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, bytes };
}

function readNamed(bytes: Uint8Array, nameField: number): GraphValue {
  let name = '';
  for (const field = new ProtobufReader(bytes); field.next(); ) {
    if (field.number === nameField) name = field.text;
  }
  return { name, bytes };
}
