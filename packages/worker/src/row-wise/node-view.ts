import type { OnnxAttribute, OnnxNode } from '../onnx-graph/onnx-graph.js';
import {
  CONSTANT,
  type Dim,
  type Mixing,
  normalAxes,
  rowsAxis,
  type Shape,
  type TensorFacts,
} from './tensor-facts.js';

/** What a rule says of a node: a shape (and integers) for each output, or that it mixes rows. */
export type RuleResult =
  | readonly { readonly shape: Shape | undefined; readonly integers?: readonly Dim[] | undefined }[]
  | Pick<Mixing, 'why' | 'kind'>;

/** How an operator's outputs follow from its inputs; undefined where it cannot be said. */
export type OperatorRule = (node: NodeView) => RuleResult | undefined;

/** A node with the facts of its inputs, as rules see it. */
export class NodeView {
  constructor(
    readonly node: OnnxNode,
    readonly inputs: readonly (TensorFacts | undefined)[],
    readonly opset: number,
    readonly attributes: ReadonlyMap<string, OnnxAttribute>,
  ) {}

  input(index: number): TensorFacts {
    return this.inputs[index] ?? CONSTANT;
  }

  has(index: number): boolean {
    return this.inputs[index] !== undefined;
  }

  shape(index: number): Shape | undefined {
    return this.inputs[index]?.shape;
  }

  int(name: string, otherwise: number): number {
    return this.attributes.get(name)?.int ?? otherwise;
  }

  text(name: string, otherwise: string): string {
    return this.attributes.get(name)?.text ?? otherwise;
  }

  ints(name: string): readonly number[] | undefined {
    return this.attributes.get(name)?.ints;
  }

  /** Integers of an attribute, or of the input that took its place in later operator sets. */
  intsOr(name: string, input: number): readonly number[] | 'open' | undefined {
    const given = this.ints(name);
    if (given !== undefined || !this.has(input)) return given;
    const numbers = this.input(input).integers?.filter((dim) => typeof dim === 'number');
    return numbers !== undefined && numbers.length === this.input(input).integers?.length
      ? numbers
      : 'open';
  }

  /** The dimension that holds the rows of an input that depends on them. */
  rowsAxis(index: number): number | undefined {
    const { fromRows, shape } = this.input(index);
    return fromRows ? rowsAxis(shape) : undefined;
  }

  /** Mixing, where one of the axes is the one that holds the rows of input `index`. */
  mixesOver(index: number, axes: readonly number[], verb: string): RuleResult | undefined {
    const rows = this.rowsAxis(index);
    const shape = this.shape(index);
    if (rows === undefined || shape === undefined) return undefined;
    if (normalAxes(axes, shape.length)?.includes(rows) !== true) return undefined;
    return mixes(`${verb} over dimension ${rows}, which holds the rows of the call`);
  }
}

export const mixes = (why: string): RuleResult => ({ why, kind: 'rows' });

/** The node as messages name it. */
export function nodeText({ op, domain, name, outputs }: OnnxNode): string {
  const operator = domain === '' || domain === 'ai.onnx.ml' ? op : `${domain}.${op}`;
  return name === '' ? `${operator} (output "${outputs[0] ?? ''}")` : `${operator} "${name}"`;
}
