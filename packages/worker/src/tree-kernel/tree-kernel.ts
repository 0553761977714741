import { readFile } from 'node:fs/promises';
import type { Scoring } from '@shardmill/core';
import {
  type CutModel,
  cutGraph,
  findEnsemble,
  generate,
  type ModelPart,
  NotForKernelError,
  readEnsemble,
  readGraph,
  type TreeProgram,
} from '@shardmill/trees';
import { fixedBatch } from '../model/fixed-batch.js';
import { modelBytes } from '../model/model-bytes.js';
import { modelSource } from '../model/model-source.js';

/** A model whose tree ensemble is scored by generated code; it is made once and posted to lanes. */
export interface TreeKernel {
  readonly program: TreeProgram;
  /** The ensemble's input, which is the model's if nothing comes before it. */
  readonly input: string;
  /** What ONNX Runtime makes the ensemble's input with, if anything. */
  readonly before: ModelPart | undefined;
  /** Names of the ensemble's outputs: a classifier has the labels first. */
  readonly ensembleOutputs: readonly string[];
  /** What ONNX Runtime makes of them, if anything. */
  readonly after: ModelPart | undefined;
  /** Outputs of the model that are the ensemble's own, with the place among those. */
  readonly direct: CutModel['direct'];
  /** Whether the scores are the same to the bit; else within `MAX_DIFFERENCE`. */
  readonly exact: boolean;
}

/** Trees of a larger model file would take much memory in each lane, and long to read. */
const MAX_MODEL_BYTES = 2 ** 29;

/** Why the model is left to ONNX Runtime. */
interface NoTreeKernel {
  readonly why: string;
  /** The model is not of another kind: the reason is worth a line in the log. */
  readonly unexpected?: true;
}

/** @returns why not, where ONNX Runtime has to score the model by itself */
export async function makeTreeKernel(
  modelPath: string,
  scoring: Pick<Scoring, 'features' | 'model'>,
): Promise<TreeKernel | NoTreeKernel> {
  if (modelBytes(scoring.model) > MAX_MODEL_BYTES) return { why: 'the model is too large' };
  try {
    // As ONNX Runtime loads it: with tensors in place of what ZipMap makes.
    const source = modelSource(modelPath);
    const bytes = typeof source === 'string' ? await readFile(source) : source;
    return fromModel(bytes, scoring);
  } catch (error) {
    if (error instanceof NotForKernelError) return { why: error.message };
    // A file that ONNX Runtime has loaded, but that this reader does not understand.
    if (error instanceof RangeError) return { why: `the model cannot be read: ${error.message}` };
    // A run goes on without it, whatever it is.
    return { why: String(error), unexpected: true };
  }
}

/** @throws NotForKernelError, RangeError */
function fromModel(
  model: Uint8Array,
  { features, model: planned }: Pick<Scoring, 'features' | 'model'>,
): TreeKernel {
  // The first rows of a run could not be asked for alone.
  if (fixedBatch(planned.inputs) !== undefined) {
    throw new NotForKernelError('the model has a fixed batch dimension');
  }
  const graph = readGraph(model);
  const node = findEnsemble(graph);
  const ensemble = readEnsemble(node);
  const { label, values, post } = ensemble.finish;
  const cut = cutGraph(graph, node, {
    outputs: planned.outputs.map(({ name }) => name),
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
