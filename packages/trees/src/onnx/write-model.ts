import { ByteWriter } from '../wasm/byte-writer.js';
import type { Graph, GraphNode, GraphValue } from './read-graph.js';

/** A graph made of pieces of another one, which stay as they are encoded. */
export interface GraphPieces {
  readonly nodes: readonly GraphNode[];
  readonly constants: readonly GraphValue[];
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
}

/** Encodes a model of pieces of another one's graph, for the same operator sets. */
export function writeModel(
  from: Pick<Graph, 'irVersion' | 'opsets'>,
  pieces: GraphPieces,
): Uint8Array {
  const graph = new ByteWriter(1024);
  for (const { bytes } of pieces.nodes) putBytes(graph, 1, bytes);
  putText(graph, 2, 'part');
  for (const { bytes } of pieces.constants) putBytes(graph, 5, bytes);
  for (const { bytes } of pieces.inputs) putBytes(graph, 11, bytes);
  for (const { bytes } of pieces.outputs) putBytes(graph, 12, bytes);
  const model = new ByteWriter(graph.length + 256);
  putInteger(model, 1, from.irVersion);
  putBytes(model, 7, graph.bytes);
  for (const [domain, version] of from.opsets) {
    const opset = new ByteWriter();
    putText(opset, 1, domain);
    putInteger(opset, 2, version);
    putBytes(model, 8, opset.bytes);
  }
  return model.bytes;
}

/** Numbers of `TensorProto.DataType`. */
const ELEMENT_TYPES = { float32: 1, int64: 7, string: 8, bool: 9, float64: 11 } as const;

export type ElementType = keyof typeof ELEMENT_TYPES;

/**
 * The declaration of a tensor (`ValueInfoProto`).
 * @param shape undefined: any; of one dimension: any number
 */
export function declareTensor(
  name: string,
  type: ElementType,
  shape: readonly (number | undefined)[] | undefined,
): GraphValue {
  const tensor = new ByteWriter();
  putInteger(tensor, 1, ELEMENT_TYPES[type]);
  if (shape !== undefined) putBytes(tensor, 2, encodeShape(shape));
  const typed = new ByteWriter();
  putBytes(typed, 1, tensor.bytes);
  const value = new ByteWriter();
  putText(value, 1, name);
  putBytes(value, 2, typed.bytes);
  return { name, bytes: value.bytes };
}

function encodeShape(shape: readonly (number | undefined)[]): Uint8Array {
  const dimensions = new ByteWriter();
  for (const size of shape) {
    const dimension = new ByteWriter();
    if (size !== undefined) putInteger(dimension, 1, size);
    putBytes(dimensions, 1, dimension.bytes);
  }
  return dimensions.bytes;
}

function putInteger(into: ByteWriter, field: number, value: number): void {
  into.unsigned(field * 8);
  into.unsigned(value);
}

function putBytes(into: ByteWriter, field: number, bytes: Uint8Array): void {
  into.unsigned(field * 8 + 2);
  into.unsigned(bytes.length);
  into.append(bytes);
}

function putText(into: ByteWriter, field: number, text: string): void {
  putBytes(into, field, new TextEncoder().encode(text));
}
