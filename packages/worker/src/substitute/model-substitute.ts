import { readFile } from 'node:fs/promises';
import type { Scoring } from '@shardmill/core';
import { cutTexts, type Graph, NotForKernelError, readGraph, type TextCut } from '@shardmill/trees';
import { fixedBatch } from '../model/fixed-batch.js';
import { modelBytes } from '../model/model-bytes.js';
import { modelSource } from '../model/model-source.js';
import { isOneText } from '../text-tables/text-places.js';
import { makeTreeKernel, type TreeKernel } from '../tree-kernel/tree-kernel.js';

/**
 * What scores in place of the model, in ONNX Runtime, or of parts of it: it is made once and posted
 * to lanes. There is at least one of the two.
 */
export interface ModelSubstitute {
  /** Encoders of texts, which are run once for each; the kernel is that of the rest then. */
  readonly texts: TextCut | undefined;
  readonly kernel: TreeKernel | undefined;
}

/** Parts of a larger model file would take much memory in each lane, and long to read. */
const MAX_MODEL_BYTES = 2 ** 29;
/** A larger rest, in ONNX Runtime, is not worth to be in memory once more. */
const MAX_REST_BYTES = 2 ** 25;

/** Why the model is left to ONNX Runtime. */
interface NoSubstitute {
  readonly why: string;
  /** The model is not of another kind: the reason is worth a line in the log. */
  readonly unexpected?: true;
}

type Planned = Pick<Scoring, 'features' | 'model'>;

/** @returns why not, where ONNX Runtime has to score the model by itself */
export async function makeSubstitute(
  modelPath: string,
  scoring: Planned,
): Promise<ModelSubstitute | NoSubstitute> {
  if (modelBytes(scoring.model) > MAX_MODEL_BYTES) return { why: 'the model is too large' };
  // The first rows of a run could not be asked for alone.
  if (fixedBatch(scoring.model.inputs) !== undefined) {
    return { why: 'the model has a fixed batch dimension' };
  }
  try {
    // As ONNX Runtime loads it: with tensors in place of what ZipMap makes.
    const source = modelSource(modelPath);
    const graph = readGraph(typeof source === 'string' ? await readFile(source) : source);
    return fromGraph(graph, scoring);
  } catch (error) {
    return reasonOf(error);
  }
}

function fromGraph(graph: Graph, scoring: Planned): ModelSubstitute | NoSubstitute {
  const texts = textsOf(graph, scoring);
  try {
    if (texts === undefined) return { texts, kernel: makeTreeKernel(graph, scoring) };
    const { rest, direct } = texts;
    if (rest === undefined) return { texts, kernel: undefined };
    const outputs = scoring.model.outputs.filter(({ name }) => !direct.includes(name));
    const behind = { ...scoring, model: { ...scoring.model, outputs } };
    return { texts, kernel: makeTreeKernel(readGraph(rest.model), behind) };
  } catch (error) {
    if (texts === undefined) throw error;
    const { unexpected, why } = reasonOf(error);
    const isSmall = (texts.rest?.model.length ?? 0) <= MAX_REST_BYTES;
    return unexpected === undefined && isSmall ? { texts, kernel: undefined } : { why };
  }
}

/** Undefined where texts go into the model as they are. */
function textsOf(graph: Graph, { features, model }: Planned): TextCut | undefined {
  const texts = features
    .filter(isOneText)
    .map(({ input: name, rowShape }) => ({ name, rank: 1 + rowShape.length }));
  // Weights beside the model would not be found by its parts.
  if (texts.length === 0 || model.externalData.length > 0) return undefined;
  try {
    return cutTexts(
      graph,
      texts,
      model.outputs.map(({ name }) => name),
    );
  } catch (error) {
    if (error instanceof NotForKernelError) return undefined;
    throw error;
  }
}

function reasonOf(error: unknown): NoSubstitute {
  if (error instanceof NotForKernelError) return { why: error.message };
  // A file that ONNX Runtime has loaded, but that this reader does not understand.
  if (error instanceof RangeError) return { why: `the model cannot be read: ${error.message}` };
  // A run goes on without it, whatever it is.
  return { why: String(error), unexpected: true };
}
