import { NotForKernelError } from '../not-for-kernel.js';
import type { Graph, GraphNode, GraphValue } from './read-graph.js';
import { writeModel } from './write-model.js';

/** Some nodes of a graph, as a model of its own. */
export interface ModelPart {
  readonly model: Uint8Array;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** The node that makes each tensor. */
export type Makers = ReadonlyMap<string, GraphNode>;

export function makersOf(graph: Graph): Makers {
  return new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
}

/** Some nodes, in the order of the graph, and the tensors that they begin with. */
export interface Closure {
  readonly nodes: readonly GraphNode[];
  readonly sources: ReadonlySet<string>;
}

/**
 * The nodes that make some tensors. @param isSource tensors that are not followed further.
 * @throws NotForKernelError for a node with a graph inside
 */
export function closure(
  graph: Graph,
  wanted: readonly string[],
  makers: Makers,
  isSource: (name: string) => boolean = () => false,
): Closure {
  const needed = new Set<GraphNode>();
  const sources = new Set<string>();
  const pending = [...wanted];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const maker = makers.get(name);
    if (maker === undefined || isSource(name)) sources.add(name);
    else if (!needed.has(maker)) {
      if (hasSubgraph(maker)) throw new NotForKernelError(`the model has a node ${maker.op}`);
      needed.add(maker);
      pending.push(...maker.inputs);
    }
  }
  return { nodes: graph.nodes.filter((node) => needed.has(node)), sources };
}

/** Their bodies may use tensors that are not among their inputs. */
function hasSubgraph({ op, domain }: GraphNode): boolean {
  return domain === '' && ['If', 'Loop', 'Scan', 'SequenceMap'].includes(op);
}

/**
 * The model of some nodes: its inputs are those of the graph that they begin with, behind others.
 * @param cut declarations of what takes the place of nodes that are not among them
 */
export function part(
  graph: Graph,
  nodes: readonly GraphNode[],
  sources: ReadonlySet<string>,
  cut: readonly GraphValue[],
  outputs: readonly GraphValue[],
): ModelPart {
  const constants = graph.constants.filter(({ name }) => sources.has(name));
  const constantNames = new Set(constants.map(({ name }) => name));
  const own = graph.inputs.filter(({ name }) => sources.has(name) && !constantNames.has(name));
  const inputs = [...cut, ...own];
  return {
    model: writeModel(graph, { nodes, constants, inputs, outputs }),
    inputs: inputs.map(({ name }) => name),
    outputs: outputs.map(({ name }) => name),
  };
}
