import {
  type OnnxFunction,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  operatorKey,
} from '../onnx-graph/onnx-graph.js';
import { type Attributes, resolveAttributes } from '../onnx-graph/resolve-attributes.js';
import { elementwiseRules } from './elementwise-rules.js';
import { layoutRules } from './layout-rules.js';
import { NodeView, nodeText, type OperatorRule, type RuleResult } from './node-view.js';
import { productRules } from './product-rules.js';
import { reductionRules } from './reduction-rules.js';
import { type Mixing, type Shape, soundShape, type TensorFacts, UNKNOWN } from './tensor-facts.js';

const RULES: Readonly<Record<string, OperatorRule>> = {
  ...elementwiseRules,
  ...layoutRules,
  ...productRules,
  ...reductionRules,
};

/** Operators that draw random numbers. */
const RANDOM = /^(RandomNormal|RandomUniform)(Like)?$|^(Multinomial|Bernoulli)$/;

/**
 * Inputs that say sizes and places instead of values: what mixes rows may well decide a size
 * without deciding a score. For others every input counts.
 */
const SIZE_INPUTS: Readonly<Record<string, readonly number[]>> = {
  ConstantOfShape: [0],
  CumProd: [1],
  CumSum: [1],
  Expand: [1],
  If: [0],
  Loop: [0, 1],
  OneHot: [1],
  Pad: [1, 3],
  Range: [0, 1, 2],
  Reshape: [1],
  Resize: [1, 2, 3],
  Shape: [0],
  Size: [0],
  Slice: [1, 2, 3, 4],
  Split: [1],
  Squeeze: [1],
  Tile: [1],
  TopK: [1],
  Unsqueeze: [1],
};

/**
 * Operators that are analysed, those of a function once for each call: calls that multiply are
 * followed no further.
 */
const MAX_OPERATORS = 200_000;

/** Calls of functions inside of functions, and of bodies inside of bodies. */
const MAX_DEPTH = 24;

/** Facts of tensors by name; those of the graph around it are seen inside of a body. */
class Scope {
  readonly #facts = new Map<string, TensorFacts>();
  constructor(readonly outer?: Scope) {}

  get(name: string): TensorFacts {
    return this.#facts.get(name) ?? this.outer?.get(name) ?? UNKNOWN;
  }

  set(name: string, facts: TensorFacts): void {
    if (name !== '') this.#facts.set(name, facts);
  }
}

/**
 * Facts of a model's outputs, followed from its inputs through all operators, those of bodies and
 * functions included. What is not known of an operator is unknown of what follows: `mixing` is only
 * set where the graph proves it.
 * @param inputs shapes of the model's inputs, with `'rows'` for the batch.
 */
export function analyseGraph(
  model: OnnxModel,
  inputs: ReadonlyMap<string, Shape>,
): ReadonlyMap<string, TensorFacts> {
  const scope = new Scope();
  addInitializers(model.graph, scope);
  for (const [name, shape] of inputs) {
    scope.set(name, { fromRows: true, shape: soundShape(shape, true) });
  }
  new Analysis(model).run(model.graph.nodes, scope, model.opsets, new Map(), 0);
  return new Map(model.graph.outputs.map(({ name }) => [name, scope.get(name)]));
}

function addInitializers(graph: OnnxGraph, scope: Scope): void {
  for (const { name, shape, integers } of graph.initializers) {
    scope.set(name, { fromRows: false, shape, integers });
  }
}

class Analysis {
  #left = MAX_OPERATORS;

  constructor(readonly model: OnnxModel) {}

  run(
    nodes: readonly OnnxNode[],
    scope: Scope,
    opsets: ReadonlyMap<string, number>,
    given: Attributes,
    depth: number,
  ): void {
    for (const node of nodes) {
      if (--this.#left < 0) return;
      const attributes = resolveAttributes(node.attributes, given);
      const facts = this.#outputs(node, scope, opsets, attributes, depth);
      for (const [index, name] of node.outputs.entries()) scope.set(name, facts[index] ?? UNKNOWN);
    }
  }

  #outputs(
    node: OnnxNode,
    scope: Scope,
    opsets: ReadonlyMap<string, number>,
    attributes: Attributes,
    depth: number,
  ): TensorFacts[] {
    const inputs = node.inputs.map((name) => (name === '' ? undefined : scope.get(name)));
    if (node.domain === '' && RANDOM.test(node.op)) {
      const mixing = { node: nodeText(node), why: 'draws random numbers', kind: 'random' } as const;
      return node.outputs.map(() => ({ ...UNKNOWN, mixing }));
    }
    const sizes = node.domain === '' ? (SIZE_INPUTS[node.op] ?? []) : [];
    const data = inputs.filter((_, index) => !sizes.includes(index));
    const mixing = data.find((input) => input?.mixing !== undefined)?.mixing;
    if (mixing !== undefined) return node.outputs.map(() => ({ ...UNKNOWN, mixing }));
    if (depth < MAX_DEPTH) {
      const within = this.#inside(node, inputs, scope, opsets, attributes, depth);
      if (within !== undefined) return within;
    }
    const fromRows = data.some((input) => input?.fromRows === true);
    const rule = RULES[operatorKey(node.domain, node.op)];
    const opset = opsets.get(node.domain) ?? 1;
    return concluded(node, fromRows, rule?.(new NodeView(node, inputs, opset, attributes)));
  }

  /** Facts on the outputs of a function's call or of an operator with bodies; undefined for others. */
  #inside(
    node: OnnxNode,
    inputs: readonly (TensorFacts | undefined)[],
    scope: Scope,
    opsets: ReadonlyMap<string, number>,
    attributes: Attributes,
    depth: number,
  ): TensorFacts[] | undefined {
    const called = this.model.functions.get(operatorKey(node.domain, node.op));
    if (called !== undefined) return this.#call(called, inputs, attributes, depth);
    const body = (name: string, bound: readonly TensorFacts[]): TensorFacts[] => {
      const graph = attributes.get(name)?.graph;
      if (graph === undefined) return [];
      const inner = new Scope(scope);
      addInitializers(graph, inner);
      for (const [index, input] of graph.inputs.entries()) {
        inner.set(input.name, bound[index] ?? UNKNOWN);
      }
      this.run(graph.nodes, inner, opsets, attributes, depth + 1);
      return graph.outputs.map(({ name: output }) => inner.get(output));
    };
    switch (node.domain === '' ? node.op : '') {
      case 'If': {
        const [yes, no] = [body('then_branch', []), body('else_branch', [])];
        return yes.map((facts, index) => either(facts, no[index] ?? UNKNOWN));
      }
      case 'Loop':
        return loop(inputs.slice(2), (state) => body('body', state).slice(1));
      case 'Scan': {
        // What is carried on from element to element is not followed: only what proves mixing.
        const facts = body('body', []);
        return node.outputs.map((_, index) => ({ ...UNKNOWN, mixing: facts[index]?.mixing }));
      }
      default:
        return undefined;
    }
  }

  #call(
    called: OnnxFunction,
    inputs: readonly (TensorFacts | undefined)[],
    attributes: Attributes,
    depth: number,
  ): TensorFacts[] {
    const scope = new Scope();
    for (const [index, name] of called.inputs.entries()) scope.set(name, inputs[index] ?? UNKNOWN);
    const given = new Map([...called.defaults, ...attributes]);
    this.run(called.nodes, scope, called.opsets, given, depth + 1);
    return called.outputs.map((name) => scope.get(name));
  }
}

function concluded(
  node: OnnxNode,
  fromRows: boolean,
  result: RuleResult | undefined,
): TensorFacts[] {
  if (result === undefined) return node.outputs.map(() => ({ fromRows, shape: undefined }));
  if ('why' in result) {
    const mixing: Mixing = { node: nodeText(node), ...result };
    return node.outputs.map(() => ({ ...UNKNOWN, mixing }));
  }
  return node.outputs.map((_, index) => ({
    fromRows,
    shape: soundShape(result[index]?.shape, fromRows),
    integers: fromRows ? undefined : result[index]?.integers,
  }));
}

/** The state after the last iteration, and what is collected of every iteration. */
function loop(
  inputs: readonly (TensorFacts | undefined)[],
  iterate: (state: TensorFacts[]) => TensorFacts[],
): TensorFacts[] {
  const start = [UNKNOWN, UNKNOWN, ...inputs.map((facts) => facts ?? UNKNOWN)];
  const first = iterate(start);
  // An iteration that changes what is known of the state is analysed once more without it.
  const state = inputs.map((facts = UNKNOWN, index) => either(facts, first[index] ?? UNKNOWN));
  const later = iterate([UNKNOWN, UNKNOWN, ...state]);
  return later.map((facts, index) =>
    index < inputs.length
      ? either(state[index] ?? UNKNOWN, facts)
      : { ...UNKNOWN, mixing: facts.mixing },
  );
}

function either(a: TensorFacts, b: TensorFacts): TensorFacts {
  const fromRows = a.fromRows || b.fromRows;
  const same = a.shape?.length === b.shape?.length && a.shape?.every((d, i) => d === b.shape?.[i]);
  return {
    fromRows,
    shape: same === true ? soundShape(a.shape, fromRows) : undefined,
    mixing: a.mixing ?? b.mixing,
  };
}
