import { foldName, type Scoring, sqlNameLookup } from '@shardmill/core';
import { featureRowBytes } from '../../onnx/row-bytes.js';
import { fixedBatch } from '../../model/fixed-batch.js';
import { CHUNK_ROWS } from '../../duckdb/raw-vector.js';
import { KEY } from '../../scan/part-source.js';
import { MODEL_COLUMN } from '../../single-pass/one-pass-select.js';

/** The features of a chunk are packed while the query waits: wider rows are left to two passes. */
const MAX_CHUNK_BYTES = 16 * 2 ** 20;

/**
 * Why the rows of a run cannot be scored in a single pass; undefined where they can, as far as the
 * plan shows. What the model costs is another question (`call-cost.ts`).
 */
export function whyNotSinglePass(scoring: Scoring): string | undefined {
  const { model, input, output, transform, challengers = [] } = scoring;
  if (transform !== null) return 'it has a transform';
  if (scoring.text !== undefined) return 'a feature is made of tokens';
  for (const one of [scoring, ...challengers]) {
    const why = whyNotModel(one);
    if (why !== undefined) return why;
  }
  const outputName = sqlNameLookup(model.outputs, 'output');
  const columnName = sqlNameLookup(input.columns, 'column');
  const outputs = model.outputs.map(({ name }) => foldName(outputName(name)));
  // What a single pass adds to the columns of the input. An output of the name of a column is
  // named as `model.NAME` alone.
  const added = new Set([KEY, MODEL_COLUMN]);
  const names = [...outputs, ...input.used.map((name) => foldName(columnName(name)))];
  const taken = names.find((name) => added.has(name));
  if (taken !== undefined) return `a column or an output is named "${taken}"`;
  if (new Set(outputs).size < outputs.length) return 'names of outputs are the same';
  if (output.columns.some(({ name }) => foldName(name) === MODEL_COLUMN)) {
    return `an output column is named "${MODEL_COLUMN}"`;
  }
  const uses = ({ sql }: { readonly sql: string }): boolean =>
    outputs.some((name) => foldName(sql).includes(name.replaceAll('"', '""')));
  // The model would not be asked at all, and no row rejected.
  if (!output.columns.some(uses)) return "no column uses the model's outputs";
  return undefined;
}

type PlannedModel = Pick<Scoring, 'features'> & {
  readonly model: Pick<Scoring['model'], 'inputs' | 'outputs' | 'rowsPerCall'>;
};

/** What of a model, or of its features, does not go with chunks. */
function whyNotModel({ model, features }: PlannedModel): string | undefined {
  // A chunk would wait for all of its images to be decoded.
  if (features.some(({ layout }) => layout === 'image')) return 'it has images';
  if (model.outputs.some(({ pooling }) => pooling !== undefined)) return 'its outputs are pooled';
  if (model.rowsPerCall !== undefined) return 'the job fixes the rows of a call';
  if (fixedBatch(model.inputs) !== undefined) return 'the model has a fixed batch dimension';
  // Half floats are converted one by one, and texts that come out are an object each.
  for (const { name, type } of [...model.inputs, ...model.outputs]) {
    if (type === 'float16') return `"${name}" is ${type}`;
  }
  for (const { name, type } of model.outputs) {
    if (type === 'string') return `"${name}" is ${type}`;
  }
  if (featureRowBytes(features) * CHUNK_ROWS > MAX_CHUNK_BYTES) return 'its features are too wide';
  return undefined;
}
