import { isEnsemble } from '../ensemble/read-ensemble.js';
import { NotForKernelError } from '../not-for-kernel.js';
import { closure, type Makers, makersOf, type ModelPart, part } from './graph-part.js';
import { type InputPieces, piecesOf } from './input-pieces.js';
import type { Graph, GraphNode } from './read-graph.js';
import { declareTensor } from './write-model.js';

/**
 * A model in three parts: what comes before its ensemble, the ensemble, and what comes after it. The
 * first and the last are models of their own, for ONNX Runtime.
 */
export interface CutModel {
  readonly ensemble: GraphNode;
  /** Makes the ensemble's input; undefined where that is an input of the model. */
  readonly before: ModelPart | undefined;
  /** What the rows of that input are made of, one behind the other; undefined where it is not known. */
  readonly pieces: InputPieces | undefined;
  /** Makes outputs of the model that are not the ensemble's own; undefined where there are none. */
  readonly after: ModelPart | undefined;
  /** Outputs of the model that are outputs of the ensemble, with the place among those. */
  readonly direct: ReadonlyMap<string, number>;
}

export interface CutOptions {
  /** Outputs of the model that are wanted. */
  readonly outputs: readonly string[];
  /** Type of the labels, and columns of the scores. */
  readonly labels: 'int64' | 'string' | undefined;
  readonly scores: number;
}

/** The one ensemble of a graph. @throws NotForKernelError where there is none, or are several. */
export function findEnsemble(graph: Graph): GraphNode {
  const [ensemble, ...others] = graph.nodes.filter(isEnsemble);
  if (ensemble === undefined) throw new NotForKernelError('the model has no tree ensemble');
  if (others.length > 0) throw new NotForKernelError('the model has several tree ensembles');
  return ensemble;
}

/** @throws NotForKernelError where something bypasses the ensemble. */
export function cutGraph(graph: Graph, ensemble: GraphNode, options: CutOptions): CutModel {
  const makers = makersOf(graph);
  const direct = new Map<string, number>();
  for (const output of options.outputs) {
    const place = ensemble.outputs.indexOf(throughIdentity(output, makers));
    if (place >= 0) direct.set(output, place);
  }
  const rest = options.outputs.filter((name) => !direct.has(name));
  return {
    ensemble,
    direct,
    before: partBefore(graph, ensemble, makers),
    pieces: piecesOf(graph, ensemble.inputs[0] ?? '', makers),
    after: rest.length === 0 ? undefined : partAfter(graph, ensemble, makers, { ...options, rest }),
  };
}

/** The name of the same tensor in front of nodes that only rename it. */
function throughIdentity(name: string, makers: Makers): string {
  const maker = makers.get(name);
  const [source] = maker?.inputs ?? [];
  return maker?.op === 'Identity' && source !== undefined ? throughIdentity(source, makers) : name;
}

function partBefore(graph: Graph, ensemble: GraphNode, makers: Makers): ModelPart | undefined {
  const [input = ''] = ensemble.inputs;
  if (!makers.has(input)) return undefined;
  const { nodes, sources } = closure(graph, [input], makers);
  const output = declareTensor(input, 'float32', [undefined, undefined]);
  return part(graph, nodes, sources, [], [output]);
}

function partAfter(
  graph: Graph,
  ensemble: GraphNode,
  makers: Makers,
  { rest, labels, scores }: CutOptions & { readonly rest: readonly string[] },
): ModelPart {
  const { nodes, sources } = closure(graph, rest, makers, (name) =>
    ensemble.outputs.includes(name),
  );
  const cut = ensemble.outputs.filter((name) => sources.has(name));
  if (
    nodes.some((node) => node.inputs.some((name) => graph.inputs.some((of) => of.name === name)))
  ) {
    throw new NotForKernelError('an output is made of inputs beside the tree ensemble');
  }
  const inputs = cut.map((name) =>
    labels !== undefined && ensemble.outputs.indexOf(name) === 0
      ? declareTensor(name, labels, [undefined])
      : declareTensor(name, 'float32', [undefined, scores]),
  );
  const outputs = graph.outputs.filter(({ name }) => rest.includes(name));
  return part(graph, nodes, sources, inputs, outputs);
}
