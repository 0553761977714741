import type { BoundFeature, ModelWork } from '@shardmill/core';
import {
  type OnnxFunction,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  operatorKey,
} from './onnx-graph.js';
import {
  constantOf,
  count,
  type InferredValue,
  inferOutputs,
  type Inputs,
} from './infer-shapes.js';
import { type Attributes, resolveAttributes } from './resolve-attributes.js';

/** Cost of a visited node of a tree: some hundred multiply-adds, for its cache misses. */
const NODE_VISIT = 256;
/** Trees are seldom balanced: a row goes deeper than they would be. */
const DEPTH_FACTOR = 1.5;
const FLOAT_BYTES = 4;
const TREES = /^TreeEnsemble/;
/** Bodies and functions inside of each other. */
const MAX_DEPTH = 32;
/** A function may call another one twice, which calls another one twice, and so on. */
const MAX_NODES = 200_000;

/**
 * Estimates what the model computes for one row, from its graph and the widths of its features:
 * shapes are propagated, and multiply-adds and the bytes of what is handed on are summed up. Where
 * an operator that does most of the work cannot be followed, each weight counts as used once for
 * each token, if there are tokens. Rounded to powers of two: it is coarse, and small changes must
 * not make another plan.
 * @param modelBytes of all files of the model.
 */
export function estimateWork(
  model: Pick<OnnxModel, 'graph' | 'functions'> | undefined,
  features: readonly Pick<BoundFeature, 'input' | 'type' | 'rowShape'>[],
  batch: number,
  modelBytes: number,
): ModelWork {
  const byWeights = (modelBytes / FLOAT_BYTES) * tokensOf(features);
  if (model === undefined) return coarse(byWeights, 0, 'file size');
  const { graph, functions } = model;
  const values = constantsOf(graph);
  for (const { input, rowShape } of features) values.set(input, { shape: [batch, ...rowShape] });
  const sum: Sum = { multiplyAdds: 0, activationBytes: 0, unknown: false, nodes: 0 };
  addNodes({ nodes: graph.nodes, functions, given: NO_ATTRIBUTES, depth: 0 }, values, sum);
  const [multiplyAdds, bytes] = [sum.multiplyAdds / batch, sum.activationBytes / batch];
  return sum.unknown
    ? coarse(Math.max(multiplyAdds, byWeights), bytes, 'file size')
    : coarse(multiplyAdds, bytes, 'graph');
}

/** The length of the texts of a row: of the widest vector of integers. */
function tokensOf(features: readonly Pick<BoundFeature, 'type' | 'rowShape'>[]): number {
  const lengths = features
    .filter(({ type }) => type === 'int64' || type === 'int32')
    .map(({ rowShape }) => (rowShape.length === 1 ? (rowShape[0] ?? 1) : 1));
  return Math.max(1, ...lengths);
}

interface Sum {
  multiplyAdds: number;
  activationBytes: number;
  unknown: boolean;
  nodes: number;
}

const NO_ATTRIBUTES: Attributes = new Map();

/** Nodes of the graph, of a body or of a function. */
interface Body {
  readonly nodes: readonly OnnxNode[];
  readonly functions: ReadonlyMap<string, OnnxFunction>;
  /** Attributes of the call of a function that its nodes may refer to. */
  readonly given: Attributes;
  readonly depth: number;
}

function coarse(
  multiplyAdds: number,
  activationBytes: number,
  basis: ModelWork['basis'],
): ModelWork {
  return { multiplyAdds: power(multiplyAdds), activationBytes: power(activationBytes), basis };
}

/** The nearest power of two, from 1 on. */
function power(value: number): number {
  return 2 ** Math.min(52, Math.max(0, Math.round(Math.log2(Math.max(1, value)))));
}

function addNodes(body: Body, values: Map<string, InferredValue>, sum: Sum): void {
  if (body.depth > MAX_DEPTH) {
    sum.unknown = true;
    return;
  }
  for (const written of body.nodes) {
    if (++sum.nodes > MAX_NODES) {
      sum.unknown = true;
      return;
    }
    const node = { ...written, attributes: resolveAttributes(written.attributes, body.given) };
    const inputs = node.inputs.map((name) => values.get(name));
    const outputs = addNode(body, node, inputs, values, sum);
    for (const [index, name] of node.outputs.entries()) {
      const output = outputs[index];
      if (output !== undefined) values.set(name, output);
    }
  }
}

/** @returns its outputs, as far as they are known */
function addNode(
  body: Body,
  node: OnnxNode,
  inputs: Inputs,
  values: ReadonlyMap<string, InferredValue>,
  sum: Sum,
): Inputs {
  const called = body.functions.get(operatorKey(node.domain, node.op));
  if (called !== undefined) return addCall(body, called, node, inputs, sum);
  if (node.op === 'Loop') return addLoop(body, node, inputs, values, sum);
  const outputs = inferOutputs(node, inputs);
  for (const output of outputs.slice(0, node.outputs.length)) {
    if (output === undefined || output.constant === true) continue;
    sum.activationBytes += count(output.shape) * FLOAT_BYTES;
  }
  for (const { graph } of node.attributes.values()) {
    if (graph !== undefined) addNodes(within(body, graph), insideOf(graph, values), sum);
  }
  const work = multiplyAddsOf(node, inputs, outputs);
  if (work === undefined) sum.unknown = true;
  else sum.multiplyAdds += work;
  return outputs;
}

const within = (body: Body, { nodes }: Pick<OnnxGraph, 'nodes'>): Body => ({
  ...body,
  nodes,
  depth: body.depth + 1,
});

const insideOf = (
  graph: OnnxGraph,
  values: ReadonlyMap<string, InferredValue>,
): Map<string, InferredValue> => new Map([...values, ...constantsOf(graph)]);

function addCall(
  body: Body,
  called: OnnxFunction,
  { attributes }: OnnxNode,
  inputs: Inputs,
  sum: Sum,
): Inputs {
  const inner = new Map<string, InferredValue>();
  for (const [index, name] of called.inputs.entries()) {
    const input = inputs[index];
    if (input !== undefined) inner.set(name, input);
  }
  const given = new Map([...called.defaults, ...attributes]);
  addNodes({ ...within(body, called), given }, inner, sum);
  return called.outputs.map((name) => inner.get(name));
}

function constantsOf({ initializers }: OnnxGraph): Map<string, InferredValue> {
  return new Map(initializers.map((tensor) => [tensor.name, constantOf(tensor)]));
}

/** The body as often as it runs, where that is a constant; its state keeps its shape. */
function addLoop(
  body: Body,
  node: OnnxNode,
  [trips, , ...state]: Inputs,
  values: ReadonlyMap<string, InferredValue>,
  sum: Sum,
): Inputs {
  const graph = node.attributes.get('body')?.graph;
  if (graph === undefined) return [];
  const inner = insideOf(graph, values);
  for (const [index, value] of state.entries()) {
    const name = graph.inputs[index + 2]?.name;
    if (name !== undefined && value !== undefined) inner.set(name, value);
  }
  const once: Sum = { multiplyAdds: 0, activationBytes: 0, unknown: false, nodes: sum.nodes };
  addNodes(within(body, graph), inner, once);
  const times = trips?.ints?.[0];
  sum.nodes = once.nodes;
  sum.multiplyAdds += once.multiplyAdds * (times ?? 1);
  sum.activationBytes += once.activationBytes;
  for (const value of state) {
    if (value?.constant !== true) sum.activationBytes += count(value?.shape ?? []) * FLOAT_BYTES;
  }
  sum.unknown ||= once.unknown || times === undefined;
  return state;
}

/** @returns undefined for an operator that may do most of the work and cannot be followed. */
function multiplyAddsOf(node: OnnxNode, inputs: Inputs, outputs: Inputs): number | undefined {
  const shape = (index: number): readonly number[] | undefined => inputs[index]?.shape;
  const [output, a] = [outputs[0]?.shape, shape(0)];
  const outputs1 = output === undefined ? undefined : count(output);
  switch (node.op) {
    case 'MatMul':
    case 'FusedMatMul':
    case 'MatMulInteger':
    case 'QLinearMatMul':
    case 'MatMulNBits':
      return times(outputs1, a?.at(-1));
    case 'Gemm':
    case 'FusedGemm':
      return times(outputs1, (node.attributes.get('transA')?.int ?? 0) === 0 ? a?.[1] : a?.[0]);
    case 'Conv':
    case 'FusedConv':
    case 'ConvInteger':
      return times(outputs1, kernelOf(shape(1)));
    case 'QLinearConv':
      return times(outputs1, kernelOf(shape(3)));
    case 'ConvTranspose':
      return times(a && count(a), kernelOf(shape(1)));
    case 'Attention':
    case 'MultiHeadAttention': {
      const steps = a?.at(-2);
      const projected = node.op === 'Attention' ? times(a && count(a), shape(1)?.[1]) : 0;
      const compared = times(outputs1, steps === undefined ? undefined : 2 * steps);
      return projected === undefined || compared === undefined ? undefined : projected + compared;
    }
    case 'LSTM':
    case 'GRU':
    case 'RNN': {
      const [w, r] = [shape(1), shape(2)];
      if (a === undefined || w === undefined || r === undefined) return undefined;
      return (a[0] ?? 1) * (a[1] ?? 1) * (count(w) + count(r));
    }
    case 'Einsum':
      return einsum(node, inputs);
    default:
      if (TREES.test(node.op)) return treeWork(node, a?.[0] ?? 1);
      // Coefficients of support vectors and the like are attributes, each used once.
      return node.bytes / FLOAT_BYTES > 1024 && !hasGraph(node) && node.op !== 'Constant'
        ? (a?.[0] ?? 1) * (node.bytes / FLOAT_BYTES)
        : 0;
  }
}

const hasGraph = ({ attributes }: OnnxNode): boolean =>
  [...attributes.values()].some(({ graph }) => graph !== undefined);

const times = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a * b;

const kernelOf = (weights: readonly number[] | undefined): number | undefined =>
  weights && count(weights.slice(1));

function treeWork({ attributes }: OnnxNode, rows: number): number {
  const trees = attributes.get('nodes_treeids')?.ints ?? attributes.get('tree_roots')?.ints ?? [];
  const treeCount = new Set(trees).size;
  // In the form of version 5, the nodes are in tensors.
  const nodes = attributes.get('nodes_splits')?.tensor?.shape[0] ?? trees.length;
  const depth = DEPTH_FACTOR * Math.log2(Math.max(2, nodes / Math.max(1, treeCount)));
  return rows * treeCount * depth * NODE_VISIT;
}

/** Each combination of all indices once. */
function einsum(node: OnnxNode, inputs: Inputs): number | undefined {
  const terms =
    node.attributes.get('equation')?.text?.split('->')[0]?.replaceAll(' ', '').split(',') ?? [];
  const sizes = new Map<string, number>();
  for (const [index, term] of terms.entries()) {
    const shape = inputs[index]?.shape;
    if (shape === undefined || term.includes('.')) return undefined;
    for (const [axis, letter] of term.split('').entries()) sizes.set(letter, shape[axis] ?? 1);
  }
  return count([...sizes.values()]);
}
