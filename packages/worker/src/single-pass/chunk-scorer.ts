import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Vector } from '@duckdb/node-bindings';
import { type Scoring, ShardmillError } from '@shardmill/core';
import { isScalarOutput } from '../bind/bind-outputs.js';
import {
  CHUNK_ROWS,
  columnVector,
  markNull,
  vectorValues,
  writeField,
} from '../duckdb/raw-vector.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { Pieces } from '../infer/pieces.js';
import { spreadRows } from '../infer/spread-rows.js';
import { type ColumnView, viewChunk } from '../scan/column-view.js';
import { findRejects } from '../scan/reject-rows.js';
import { CHECKED_ROWS, kernelDifference } from '../tree-kernel/check-kernel.js';
import type { TreeSession } from '../tree-kernel/tree-session.js';
import type { SyncSession } from '../onnx/sync-session.js';
import { CallRows } from './call-rows.js';
import { ChunkInputs, packColumns } from './chunk-inputs.js';

/** Scores chunks of DuckDB's, one at a time: pack, run, write. */
export class ChunkScorer {
  /** Scores in place of the session, once its first rows were the same. */
  #trees: TreeSession | undefined;
  #checked = false;
  /** Whether columns go into the kernel as they are; else through tensors. */
  readonly #byColumns: boolean;
  readonly #inputs: ChunkInputs;
  readonly #callRows = new CallRows();
  readonly #outputs: { readonly name: string; readonly type: string; readonly list: boolean }[];
  readonly #names: string[];

  constructor(
    readonly scoring: Pick<Scoring, 'features' | 'model' | 'nulls'>,
    readonly session: SyncSession,
    trees?: TreeSession,
    /** Is called with what the tree kernel did otherwise than ONNX Runtime; it is not used then. */
    readonly onDifference: (what: string) => void = () => {},
  ) {
    this.#trees = trees;
    // A chunk must fit into the kernel's columns, and lists are no columns.
    this.#byColumns =
      trees?.takesColumns === true &&
      trees.capacity >= CHUNK_ROWS &&
      scoring.features.every(({ layout }) => layout === 'scalars');
    this.#inputs = new ChunkInputs(scoring.features);
    this.#outputs = scoring.model.outputs.map((output) => ({
      name: output.name,
      type: output.type,
      list: !isScalarOutput(output),
    }));
    this.#names = this.#outputs.map(({ name }) => name);
  }

  /** Keys of the chunk's rows, which come after the features. */
  keys(chunk: DuckDBDataChunk): BigInt64Array {
    const column = this.scoring.features.reduce((sum, { columns }) => sum + columns.length, 0);
    return vectorValues(columnVector(chunk, column), BigInt64Array, chunk.rowCount);
  }

  /** Rows that cannot be scored, with the reason. @throws NULL_FEATURE where the policy is `fail`. */
  rejects(chunk: DuckDBDataChunk): ReasonsByRow {
    const { features, nulls } = this.scoring;
    return findRejects(features, viewChunk(chunk, features), 0, chunk.rowCount, nulls);
  }

  /**
   * Packs the features, which are the first columns of the chunk, as for a batch: those of the rows
   * that are not rejected. @throws NULL_FEATURE where the policy is `fail`.
   */
  pack(chunk: DuckDBDataChunk): PackedChunk {
    const { features, nulls } = this.scoring;
    const total = chunk.rowCount;
    const views = viewChunk(chunk, features);
    const rejects = findRejects(features, views, 0, total, nulls);
    const selection = rejects.size === 0 ? undefined : rowsExcept(rejects, total);
    const trees = this.#byColumns ? this.#trees : undefined;
    if (trees !== undefined) packKernel(features, trees, views, selection, total);
    if (trees === undefined || !this.#checked) {
      this.#inputs.pack(views, selection, total);
    }
    return { total, rows: total - rejects.size, selection, rejects };
  }

  /** Runs the model on the first rows that were packed. @throws whatever ONNX Runtime throws */
  run(rows: number): BatchTensor[] {
    if (this.#trees === undefined) return this.#runSession(rows);
    const outputs = this.#byColumns
      ? this.#trees.scoreColumns(rows, this.#names)
      : this.#trees.run(this.#feedsOf(rows), rows, this.#names);
    return this.#checked ? outputs : this.#check(this.#trees, outputs, rows);
  }

  /** Whether the tree kernel has scored rows. */
  get byTrees(): boolean {
    return this.#trees !== undefined && this.#checked;
  }

  #check(trees: TreeSession, outputs: BatchTensor[], rows: number): BatchTensor[] {
    const wanted = this.#runSession(Math.min(rows, CHECKED_ROWS));
    const first = outputs.map((output) => ({
      ...output,
      data: output.data.slice(0, Math.min(rows, CHECKED_ROWS) * output.width),
    }));
    const difference = kernelDifference(first, wanted, trees.kernel.exact);
    if (difference === undefined) {
      // A call of few rows shows little.
      this.#checked = rows >= CHECKED_ROWS;
      return outputs;
    }
    this.#trees = undefined;
    this.onDifference(difference);
    return this.#runSession(rows);
  }

  #runSession(rows: number): BatchTensor[] {
    const started = performance.now();
    const callRows = this.#callRows.rows;
    const pieces = new Pieces(rows);
    for (let first = 0; first < rows; first += callRows) {
      const count = Math.min(callRows, rows - first);
      const outputs = this.session.run(this.#feedsOf(count, first), count, this.#names);
      pieces.put(first, count, outputs);
    }
    this.#callRows.record(rows, performance.now() - started);
    return pieces.outputs();
  }

  #feedsOf(rows: number, first = 0): BatchTensor[] {
    return this.#inputs.feeds.map((feed) => {
      const { data, width } = feed;
      const [start, end] = [first * width, (first + rows) * width];
      return {
        ...feed,
        data: Array.isArray(data) ? data.slice(start, end) : data.subarray(start, end),
      };
    });
  }

  /**
   * Writes outputs into a vector of structs, which has room for all rows of the chunk; those that
   * were rejected become null.
   * @param widths of the outputs, by their index: those of a part's first chunk hold for the others.
   * @throws MODEL_OUTPUT_SHAPE where an output is not as planned.
   */
  write(
    result: Vector,
    packed: PackedChunk,
    outputs: readonly BatchTensor[],
    widths: number[],
  ): void {
    const { total, rows, selection, rejects } = packed;
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
      const { data } = selection === undefined ? output : spreadRows(output, selection, total);
      if (Array.isArray(data)) throw new TypeError(`there are no vectors of ${type}`);
      writeField(result, field, { width, list }, data, total);
    }
    markNull(result, total, rejects.keys());
  }
}

/** Writes scanned columns into those of the kernel: there is no tensor in between. */
function packKernel(
  features: Scoring['features'],
  trees: TreeSession,
  views: readonly ColumnView[],
  selection: Int32Array | undefined,
  rows: number,
): void {
  let first = 0;
  for (const feature of features) {
    if (feature.input === trees.kernel.input) {
      packColumns(feature, trees, views.slice(first), selection, rows);
    }
    first += feature.columns.length;
  }
}

/** Reasons by row of the chunk. */
type ReasonsByRow = ReadonlyMap<number, string>;

/** What was packed of a chunk. */
export interface PackedChunk {
  /** Rows of the chunk. */
  readonly total: number;
  /** Rows of the chunk that are in the tensors. */
  readonly rows: number;
  /** Which those are; undefined where they are all. */
  readonly selection: Int32Array | undefined;
  readonly rejects: ReasonsByRow;
}

function rowsExcept(rejects: ReasonsByRow, total: number): Int32Array {
  const rows = new Int32Array(total - rejects.size);
  let taken = 0;
  for (let row = 0; row < total; row++) if (!rejects.has(row)) rows[taken++] = row;
  return rows;
}
