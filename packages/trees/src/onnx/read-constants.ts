import { Attributes } from './read-attributes.js';
import { ProtobufReader } from './protobuf-reader.js';
import type { Graph } from './read-graph.js';

/** A constant of a graph, as far as its shape goes. */
export interface Constant {
  /** Undefined where it is not known. */
  readonly dimensions: readonly number[] | undefined;
  /** Those of a tensor of int64; undefined for others. */
  readonly integers: readonly number[] | undefined;
}

const UNKNOWN: Constant = { dimensions: undefined, integers: undefined };

/** Initializers, and what `Constant` makes, by their names. @throws RangeError */
export function readConstants(graph: Graph): Map<string, Constant> {
  const constants = new Map<string, Constant>();
  for (const { name, bytes } of graph.constants) constants.set(name, readConstant(bytes));
  for (const { op, domain, outputs, bytes } of graph.nodes) {
    if (op !== 'Constant' || domain !== '') continue;
    const tensor = new Attributes(bytes).tensorBytes('value');
    const constant = tensor === undefined ? UNKNOWN : readConstant(tensor);
    for (const name of outputs) constants.set(name, constant);
  }
  return constants;
}

const INT64 = 7;

/** A `TensorProto`. */
function readConstant(bytes: Uint8Array): Constant {
  const dimensions: number[] = [];
  const integers: number[] = [];
  let type = 0;
  for (const field = new ProtobufReader(bytes); field.next(); ) {
    if (field.number === 1) dimensions.push(...integersOf(field));
    if (field.number === 2) type = field.value;
    if (field.number === 7) integers.push(...integersOf(field));
    if (field.number === 9 && type === INT64) integers.push(...rawIntegers(field.content));
    // Outside of the model's file.
    if (field.number === 14 && field.value !== 0) return UNKNOWN;
  }
  return { dimensions, integers: type === INT64 ? integers : undefined };
}

function integersOf(field: ProtobufReader): Int32Array {
  // A value takes a byte at least, and those that are fields of their own follow each other.
  const list = new Int32Array(field.bytes.length);
  return list.subarray(0, field.putIntegers(list, 0));
}

function rawIntegers(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length >> 3 }, (_, i) => Number(view.getBigInt64(i * 8, true)));
}
