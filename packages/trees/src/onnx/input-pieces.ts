import { Attributes } from './read-attributes.js';
import { closure, type Makers, type ModelPart, part } from './graph-part.js';
import type { Graph, GraphNode } from './read-graph.js';
import { declareTensor } from './write-model.js';

/**
 * What the rows of a tensor [N, F] are made of, one behind the other, as exporters of pipelines write
 * it: `Concat` of many inputs. Then no such tensor has to be made. Pieces whose rows have inner
 * dimensions (all but the last one) other than 1 are put together otherwise: that is not known here.
 */
export interface InputPieces {
  /** Tensors: inputs of the model, or what `made` makes. */
  readonly names: readonly string[];
  /** Makes those pieces that are no inputs of the model. */
  readonly made: ModelPart | undefined;
}

/** `TensorProto.FLOAT`. */
const FLOAT = 1;

/** @returns undefined where there is one piece, which has to be made */
export function piecesOf(graph: Graph, name: string, makers: Makers): InputPieces | undefined {
  const names = flatten(name, makers);
  const computed = [...new Set(names.filter((piece) => makers.has(piece)))];
  if (computed.length === names.length) return undefined;
  if (computed.length === 0) return { names, made: undefined };
  const { nodes, sources } = closure(graph, computed, makers);
  const outputs = computed.map((piece) => declareTensor(piece, 'float32', undefined));
  return { names, made: part(graph, nodes, sources, [], outputs) };
}

function flatten(name: string, makers: Makers): string[] {
  const maker = makers.get(name);
  if (maker === undefined || !keepsOrder(maker)) return [name];
  const data = maker.op === 'Concat' ? maker.inputs : maker.inputs.slice(0, 1);
  return data.flatMap((input) => flatten(input, makers));
}

/** Whether a row of its output is the rows of its inputs one behind the other, as float32. */
function keepsOrder(node: GraphNode): boolean {
  if (node.domain !== '') return false;
  const attributes = new Attributes(node.bytes);
  switch (node.op) {
    case 'Identity':
    case 'Reshape':
      return true;
    case 'Flatten':
      return attributes.integer('axis', 1) === 1;
    case 'Concat':
      return attributes.integer('axis', 0) !== 0;
    case 'Cast':
      return attributes.integer('to', 0) === FLOAT;
    default:
      return false;
  }
}
