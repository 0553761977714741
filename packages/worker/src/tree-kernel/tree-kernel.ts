import type { Scoring } from '@shardmill/core';
import {
  type CutModel,
  cutGraph,
  findEnsemble,
  generate,
  type Graph,
  type ModelPart,
  NotForKernelError,
  readEnsemble,
  type TreeProgram,
} from '@shardmill/trees';

/** A model whose tree ensemble is scored by generated code; it is made once and posted to lanes. */
export interface TreeKernel {
  readonly program: TreeProgram;
  /** The ensemble's input, which is the model's if nothing comes before it. */
  readonly input: string;
  /** What ONNX Runtime makes the ensemble's input with, if anything. */
  readonly before: ModelPart | undefined;
  /** What the rows of that input are made of, one behind the other, where it is known. */
  readonly pieces: CutModel['pieces'];
  /** Names of the ensemble's outputs: a classifier has the labels first. */
  readonly ensembleOutputs: readonly string[];
  /** What ONNX Runtime makes of them, if anything. */
  readonly after: ModelPart | undefined;
  /** Outputs of the model that are the ensemble's own, with the place among those. */
  readonly direct: CutModel['direct'];
  /** Whether the scores are the same to the bit; else within `MAX_DIFFERENCE`. */
  readonly exact: boolean;
}

/**
 * @param graph of the model, or of what is left of it behind the encoders of its texts.
 * @throws NotForKernelError, RangeError
 */
export function makeTreeKernel(
  graph: Graph,
  { features, model }: Pick<Scoring, 'features' | 'model'>,
): TreeKernel {
  const node = findEnsemble(graph);
  const ensemble = readEnsemble(node);
  const { label, values, post } = ensemble.finish;
  const cut = cutGraph(graph, node, {
    outputs: model.outputs.map(({ name }) => name),
    labels:
      label === undefined ? undefined : typeof label.labels[0] === 'string' ? 'string' : 'int64',
    scores: values.length,
  });
  const [input = ''] = node.inputs;
  const program = generate(ensemble);
  if (cut.before === undefined) requireInput(input, features, program);
  return {
    program,
    input,
    before: cut.before,
    pieces: cut.pieces,
    ensembleOutputs: node.outputs,
    after: cut.after,
    direct: cut.direct,
    exact: post === 'NONE' && cut.after === undefined,
  };
}

/** @throws NotForKernelError where the ensemble's input is not a matrix of float32, wide enough */
function requireInput(
  input: string,
  features: Scoring['features'],
  { columns }: TreeProgram,
): void {
  const feature = features.find((one) => one.input === input);
  if (feature?.type !== 'float32' || feature.rowShape.length !== 1) {
    throw new NotForKernelError(`the input "${input}" is not float32 of the shape [N, F]`);
  }
  const last = columns.at(-1)?.feature ?? -1;
  if (last >= feature.width) {
    throw new NotForKernelError(`trees look at feature ${last}, and a row has ${feature.width}`);
  }
}
