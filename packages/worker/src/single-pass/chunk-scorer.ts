import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Vector } from '@duckdb/node-bindings';
import { type Scoring, ShardmillError } from '@shardmill/core';
import { isScalarOutput } from '../bind/bind-outputs.js';
import { CHUNK_ROWS, writeField } from '../duckdb/raw-vector.js';
import type { BatchTensor } from '../infer/run-batch.js';
import { newTensorData } from '../model/tensor-types.js';
import { viewChunk } from '../scan/column-view.js';
import { packColumn } from '../scan/pack-column.js';
import { findRejects } from '../scan/reject-rows.js';
import type { SyncSession } from './sync-session.js';

/** Scores chunks of DuckDB's, one at a time: pack, run, write. */
export class ChunkScorer {
  readonly #feeds: BatchTensor[];
  readonly #outputs: { readonly name: string; readonly type: string; readonly list: boolean }[];
  readonly #names: string[];

  constructor(
    readonly scoring: Pick<Scoring, 'features' | 'model' | 'nulls'>,
    readonly session: SyncSession,
  ) {
    this.#feeds = scoring.features.map((feature) => ({
      name: feature.input,
      type: feature.type,
      rowShape: feature.rowShape,
      width: feature.width,
      data: newTensorData(feature.type, CHUNK_ROWS * feature.width),
    }));
    this.#outputs = scoring.model.outputs.map((output) => ({
      name: output.name,
      type: output.type,
      list: !isScalarOutput(output),
    }));
    this.#names = this.#outputs.map(({ name }) => name);
  }

  /**
   * Packs the features, which are the first columns of the chunk, as for a batch.
   * @throws NULL_FEATURE where a row is to be rejected, whatever the policy.
   */
  pack(chunk: DuckDBDataChunk): void {
    const { features, nulls } = this.scoring;
    const rows = chunk.rowCount;
    const views = viewChunk(chunk, features);
    if (findRejects(features, views, 0, rows, nulls).size > 0) {
      throw new ShardmillError('NULL_FEATURE', 'there are rows to reject');
    }
    let column = 0;
    for (const [index, feature] of features.entries()) {
      const target = this.#feeds[index]?.data;
      for (let element = 0; element < feature.columns.length; element++) {
        const view = views[column++];
        if (target === undefined || view === undefined) continue;
        packColumn(target, feature, element, 0, view, undefined, 0, rows);
      }
    }
  }

  /** Runs the model on the first rows that were packed. @throws whatever ONNX Runtime throws */
  run(rows: number): BatchTensor[] {
    const feeds = this.#feeds.map((feed) => ({
      ...feed,
      data: Array.isArray(feed.data) ? feed.data : feed.data.subarray(0, rows * feed.width),
    }));
    return this.session.run(feeds, rows, this.#names);
  }

  /**
   * Writes outputs into a vector of structs, which has room for the rows.
   * @param widths of the outputs, by their index: those of a part's first chunk hold for the others.
   * @throws MODEL_OUTPUT_SHAPE where an output is not as planned.
   */
  write(result: Vector, outputs: readonly BatchTensor[], rows: number, widths: number[]): void {
    for (const [field, { name, type, list }] of this.#outputs.entries()) {
      const output = outputs[field];
      const width = (widths[field] ??= list ? (output?.width ?? 0) : 1);
      // What is copied must fill the vector, and nothing beyond it.
      if (
        output === undefined ||
        output.type !== type ||
        output.width !== width ||
        Array.isArray(output.data) ||
        output.data.length !== rows * width
      ) {
        throw new ShardmillError('MODEL_OUTPUT_SHAPE', `output "${name}" is not as planned`);
      }
      writeField(result, field, { width, list }, output.data, rows);
    }
  }
}
