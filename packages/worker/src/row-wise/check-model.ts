import { type BoundFeature, type Scoring, ShardmillError, type TensorInfo } from '@shardmill/core';
import { shapeText } from '../onnx/shape-text.js';
import { featureRowBytes } from '../onnx/row-bytes.js';
import { fixedBatch } from '../model/fixed-batch.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { OnnxModel } from '../onnx-graph/onnx-graph.js';
import { analyseGraph } from './analyse-graph.js';
import { checkOutputs, type KnownOutput } from './check-outputs.js';
import { PROBE_ROWS, type RowProbe } from './probe-rows.js';
import { probeTokens, type TokenBounds } from './probe-tokens.js';
import { syntheticRows } from './synthetic-rows.js';
import { type Mixing, rowsAxis, type Shape, type TensorFacts } from './tensor-facts.js';

export interface ModelToCheck {
  readonly uri: string;
  readonly inputs: readonly TensorInfo[];
  /** The outputs that the job uses. */
  readonly outputs: readonly TensorInfo[];
  readonly features: readonly BoundFeature[];
  /** Undefined where it cannot be read. */
  readonly graph: OnnxModel | undefined;
  /** Where a feature is made of tokens. */
  readonly tokens?: TokenBounds | undefined;
  /** What the job fixes with `model.batching`. */
  readonly rowsPerCall?: number | undefined;
}

/** Made-up rows that take more are not made: such a model is only known by its graph. */
const MAX_PROBE_BYTES = 256 * 2 ** 20;

/** Scores a few rows in several ways. */
export type ProbeModel = (
  feeds: readonly BatchTensor[],
  outputs: readonly string[],
) => Promise<RowProbe>;

/**
 * Finds out whether a model scores each row by itself: from its graph, and by scoring a few made-up
 * rows alone, in pairs and in threes.
 * @returns the outputs with what was seen of their shapes.
 * @throws MODEL_NOT_ROW_WISE where a row's score depends on others and the job does not fix the
 *   rows of a call; MODEL_NOT_DETERMINISTIC; MODEL_OUTPUT_SHAPE; JOB_INVALID
 */
export async function checkModel(model: ModelToCheck, probe: ProbeModel): Promise<KnownOutput[]> {
  const fixedRows = fixedBatch(model.inputs);
  refuseOtherBatch(model, fixedRows);
  const facts = graphFacts(model);
  for (const { name } of model.outputs) {
    const mixing = facts?.get(name)?.mixing;
    if (mixing !== undefined) refuseMixing(model, name, mixing, fixedRows);
  }
  const names = model.outputs.map(({ name }) => name);
  const bytes = featureRowBytes(model.features) * Math.max(PROBE_ROWS, fixedRows ?? 0);
  const { tokens, features } = model;
  const seen: RowProbe =
    bytes > MAX_PROBE_BYTES
      ? { calls: [] }
      : tokens === undefined
        ? await probe(syntheticRows(features, PROBE_ROWS), names)
        : await probeTokens(tokens, (made) =>
            probe(syntheticRows(features, PROBE_ROWS, made), names),
          );
  const outputs = checkOutputs(model, seen);
  if (seen.calls.length === 0) refuseTurned(model, facts, fixedRows);
  refuseDifference(model, seen);
  return outputs;
}

function refuseOtherBatch({ rowsPerCall }: ModelToCheck, fixedRows: number | undefined): void {
  if (rowsPerCall === undefined || fixedRows === undefined || rowsPerCall === fixedRows) return;
  throw new ShardmillError(
    'JOB_INVALID',
    `the model takes ${fixedRows} rows in a call, and the job fixes ${rowsPerCall}`,
    { where: 'model.batching.rows', remedy: `Set it to ${fixedRows}, or leave it out.` },
  );
}

function graphFacts({ graph, inputs }: ModelToCheck): ReadonlyMap<string, TensorFacts> | undefined {
  if (graph === undefined) return undefined;
  const shapes = inputs.flatMap(({ name, shape }): [string, Shape][] => {
    const rest = shape.slice(1).map((dim) => (typeof dim === 'number' && dim > 0 ? dim : '?'));
    return shape.length === 0 ? [] : [[name, ['rows', ...rest]]];
  });
  return analyseGraph(graph, new Map(shapes));
}

function refuseMixing(
  { uri, rowsPerCall }: ModelToCheck,
  output: string,
  { node, why, kind }: Mixing,
  fixedRows: number | undefined,
): void {
  if (kind === 'random') {
    throw new ShardmillError(
      'MODEL_NOT_DETERMINISTIC',
      `output "${output}" is another one each time: the operator ${node} ${why}`,
      { where: uri },
    );
  }
  if (rowsPerCall !== undefined || fixedRows === 1) return;
  throw notRowWise(
    uri,
    `output "${output}" of a row depends on the other rows of its call: the operator ${node} ${why}`,
  );
}

function refuseDifference({ uri, rowsPerCall, graph }: ModelToCheck, seen: RowProbe): void {
  if (seen.random !== undefined) {
    const { output, one, other } = seen.random;
    throw new ShardmillError(
      'MODEL_NOT_DETERMINISTIC',
      `output "${output}" of the same made-up rows was ${one} in one call and ${other} in the next`,
      { where: uri },
    );
  }
  if (seen.difference === undefined || rowsPerCall !== undefined) return;
  const { output, one, other, rows, beside } = seen.difference;
  const alone = rows === 1 ? 'alone' : `in a call of ${rows}`;
  throw notRowWise(
    uri,
    `output "${output}" of a row depends on the other rows of its call: a made-up row scored ${one} ${alone} and ${other} in another call of ${beside}${operatorsOf(graph)}`,
  );
}

/** No single operator is proven to be the cause: those that the graph has. */
function operatorsOf(graph: OnnxModel | undefined): string {
  const names = [...new Set(graph?.graph.nodes.map(({ op }) => op))];
  const shown = names.slice(0, 8).join(', ');
  return names.length === 0 ? '' : `; its operators are ${shown}${names.length > 8 ? ', …' : ''}`;
}

function notRowWise(uri: string, message: string): ShardmillError {
  return new ShardmillError('MODEL_NOT_ROW_WISE', message, { where: uri });
}

/** Where no call could be made, the graph may say that the rows are in another dimension. */
function refuseTurned(
  { uri, outputs }: ModelToCheck,
  facts: ReadonlyMap<string, TensorFacts> | undefined,
  fixedRows: number | undefined,
): void {
  if (fixedRows === 1) return;
  for (const output of outputs) {
    const axis = rowsAxis(facts?.get(output.name)?.shape);
    if (axis === undefined || axis === 0) continue;
    throw new ShardmillError(
      'MODEL_OUTPUT_SHAPE',
      `output "${output.name}" (${shapeText(output)}) has the rows in dimension ${axis}, expected in the first, 0`,
      { where: uri },
    );
  }
}

/** `batching` as the plan has it. */
export function rowsPerCallOf(model: {
  batching?: { rows: number } | undefined;
}): Pick<Scoring['model'], 'rowsPerCall'> {
  return model.batching === undefined ? {} : { rowsPerCall: model.batching.rows };
}
