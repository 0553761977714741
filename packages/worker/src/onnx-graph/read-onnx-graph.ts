import {
  domainOf,
  type OnnxAttribute,
  type OnnxFunction,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
  operatorKey,
} from './onnx-graph.js';
import { fieldText, pushIntegers, readFields } from './protobuf-message.js';
import { readOnnxTensor } from './read-onnx-tensor.js';

/** Lists of more bytes are weights: the trees of an ensemble, for example. */
const MAX_LIST_BYTES = 4096;

/**
 * Reads the structure of an ONNX file. Nothing of the result refers to `bytes`. Field numbers are
 * those of onnx.proto.
 * @returns undefined where the bytes are not a protobuf message with a graph.
 */
export function readOnnxGraph(bytes: Uint8Array): OnnxModel | undefined {
  try {
    let graph: OnnxGraph | undefined;
    const opsets = new Map<string, number>();
    const functions = new Map<string, OnnxFunction>();
    for (const field of readFields(bytes)) {
      if (field.number === 7) graph = readGraph(field.bytes);
      else if (field.number === 8) addOpset(opsets, field.bytes);
      else if (field.number === 25) addFunction(functions, field.bytes);
    }
    return graph === undefined ? undefined : { graph, opsets, functions };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Long lists that are read all the same: an estimate of the model's work needs their lengths. */
const KEPT_LISTS: ReadonlySet<string> = new Set(['nodes_treeids', 'tree_roots', 'value_ints']);
/** Fields of an attribute: floats, ints, strings. */
const LISTS = new Set([7, 8, 9]);

function readGraph(bytes: Uint8Array): OnnxGraph {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const inputs: OnnxValueInfo[] = [];
  const outputs: OnnxValueInfo[] = [];
  for (const field of readFields(bytes)) {
    if (field.number === 1) nodes.push(readNode(field.bytes));
    else if (field.number === 5) initializers.push(readOnnxTensor(field.bytes));
    else if (field.number === 11) inputs.push(readValueInfo(field.bytes));
    else if (field.number === 12) outputs.push(readValueInfo(field.bytes));
  }
  return { nodes, initializers, inputs, outputs };
}

function readNode(bytes: Uint8Array): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  let [name, op, domain] = ['', '', ''];
  for (const field of readFields(bytes)) {
    if (field.number === 1) inputs.push(fieldText(field.bytes));
    else if (field.number === 2) outputs.push(fieldText(field.bytes));
    else if (field.number === 3) name = fieldText(field.bytes);
    else if (field.number === 4) op = fieldText(field.bytes);
    else if (field.number === 5) addAttribute(attributes, field.bytes);
    else if (field.number === 7) domain = domainOf(fieldText(field.bytes));
  }
  return { name, op, domain, inputs, outputs, attributes, bytes: bytes.length };
}

function addAttribute(into: Map<string, OnnxAttribute>, bytes: Uint8Array): void {
  let name = '';
  let value: OnnxAttribute = {};
  const ints: number[] = [];
  const large = bytes.length > MAX_LIST_BYTES;
  for (const field of readFields(bytes)) {
    if (field.number === 1) name = fieldText(field.bytes);
    else if (field.number === 6) value = { ...value, graph: readGraph(field.bytes) };
    // The name comes first in every writer's files; the elements of a long list are not needed.
    else if (large && LISTS.has(field.number) && name !== '' && !KEPT_LISTS.has(name)) break;
    else if (field.number === 3) value = { ...value, int: field.value };
    else if (field.number === 4) value = { ...value, text: fieldText(field.bytes) };
    else if (field.number === 5) value = { ...value, tensor: readOnnxTensor(field.bytes) };
    else if (field.number === 8) pushIntegers(field, ints);
    else if (field.number === 21) value = { ...value, reference: fieldText(field.bytes) };
  }
  into.set(name, ints.length === 0 ? value : { ...value, ints });
}

/** ValueInfoProto: name = 1, type = 2, of which tensor_type = 1, shape = 2, dim = 1. */
function readValueInfo(bytes: Uint8Array): OnnxValueInfo {
  let name = '';
  let shape: (number | string)[] | undefined;
  for (const field of readFields(bytes)) {
    if (field.number === 1) name = fieldText(field.bytes);
    if (field.number !== 2) continue;
    for (const tensor of inside(field.bytes, 1)) {
      for (const dims of inside(tensor, 2)) {
        shape = [];
        for (const dim of inside(dims, 1)) shape.push(readDimension(dim));
      }
    }
  }
  return { name, shape };
}

function readDimension(bytes: Uint8Array): number | string {
  for (const { number, value, bytes: name } of readFields(bytes)) {
    if (number === 1) return value;
    if (number === 2) return fieldText(name);
  }
  return '';
}

function* inside(bytes: Uint8Array, number: number): Generator<Uint8Array> {
  for (const field of readFields(bytes)) if (field.number === number) yield field.bytes;
}

function addOpset(into: Map<string, number>, bytes: Uint8Array): void {
  let [domain, version] = ['', 0];
  for (const field of readFields(bytes)) {
    if (field.number === 1) domain = domainOf(fieldText(field.bytes));
    if (field.number === 2) version = field.value;
  }
  into.set(domain, version);
}

function addFunction(into: Map<string, OnnxFunction>, bytes: Uint8Array): void {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const nodes: OnnxNode[] = [];
  const opsets = new Map<string, number>();
  const defaults = new Map<string, OnnxAttribute>();
  let [name, domain] = ['', ''];
  for (const field of readFields(bytes)) {
    if (field.number === 1) name = fieldText(field.bytes);
    else if (field.number === 4) inputs.push(fieldText(field.bytes));
    else if (field.number === 5) outputs.push(fieldText(field.bytes));
    else if (field.number === 7) nodes.push(readNode(field.bytes));
    else if (field.number === 9) addOpset(opsets, field.bytes);
    else if (field.number === 10) domain = fieldText(field.bytes);
    else if (field.number === 11) addAttribute(defaults, field.bytes);
  }
  into.set(operatorKey(domain, name), { inputs, outputs, nodes, opsets, defaults });
}
