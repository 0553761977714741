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
  const { model, features, input, output, transform } = scoring;
  if (transform !== null) return 'it has a transform';
  if (scoring.text !== undefined) return 'a feature is made of tokens';
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
  const outputName = sqlNameLookup(model.outputs, 'output');
  const columnName = sqlNameLookup(input.columns, 'column');
  const outputs = model.outputs.map(({ name }) => foldName(outputName(name)));
  // The model's outputs become columns beside those of the input: no two may share a name.
  const names = [
    ...outputs,
    ...input.used.map((name) => foldName(columnName(name))),
    KEY,
    MODEL_COLUMN,
  ];
  if (new Set(names).size < names.length) return 'names of columns and outputs are the same';
  if (output.columns.some(({ name }) => foldName(name) === MODEL_COLUMN)) {
    return `an output column is named "${MODEL_COLUMN}"`;
  }
  const uses = ({ sql }: { readonly sql: string }): boolean =>
    outputs.some((name) => foldName(sql).includes(name.replaceAll('"', '""')));
  // The model would not be asked at all, and no row rejected.
  if (!output.columns.some(uses)) return "no column uses the model's outputs";
  return undefined;
}
