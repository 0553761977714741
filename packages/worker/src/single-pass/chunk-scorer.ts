import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Vector } from '@duckdb/node-bindings';
import { type Scoring, ShardmillError } from '@shardmill/core';
import { isScalarOutput } from '../bind/outputs/bind-outputs.js';
import { columnVector, markNull, vectorValues, writeField } from '../duckdb/raw-vector.js';
import { Pieces } from '../infer/pieces.js';
import { spreadRows } from '../infer/spread-rows.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { FeatureProfile } from '../profile/feature-profile.js';
import type { SyncSession } from '../onnx/sync-session.js';
import { type ColumnView, columnCount, textDictionaries, viewChunk } from '../scan/column-view.js';
import { findRejects } from '../scan/reject-rows.js';
import { ChunkSubstitute } from '../substitute/chunk-substitute.js';
import type { ChunkRows } from '../substitute/kernel-columns.js';
import { type ScoredBy, scoredBy } from '../substitute/scored-by.js';
import { CHECKED_ROWS, substituteDifference } from '../substitute/substitute-difference.js';
import type { Substitute } from '../substitute/substitute.js';
import { CallRows } from './call-rows.js';
import { ChunkInputs } from './chunk-inputs.js';

/**
 * Rows of a call that shows what a row costs: of the model few, since one of them may take long; of a
 * substitute more, since a block of a kernel costs the same with one row as with all, and several
 * times as much until it has been compiled to the end.
 */
const PROBE_ROWS = { model: 16, substitute: 256 };

/** Scores chunks of DuckDB's, one at a time: pack, run, write. */
export class ChunkScorer {
  /** Scores in place of the session, once its first rows were the same. */
  #substitute: ChunkSubstitute | undefined;
  /** Rows of earlier chunks whose scores by the substitute were compared with those of the session. */
  #compared = 0;
  /** The same of the chunk that was packed last. */
  #comparedHere = 0;
  /** Made where it is first needed: a challenger may share those of the champion. */
  #inputs: ChunkInputs | undefined;
  /** Tensors of the rows that were packed last; undefined where only the substitute has them. */
  #feeds: readonly BatchTensor[] | undefined;
  readonly #callRows = new CallRows();
  readonly #outputs: { readonly name: string; readonly type: string; readonly list: boolean }[];
  readonly #names: string[];
  readonly #keyColumn: number;

  /** @param dictionaries of the features, by which the substitute knows texts, too */
  constructor(
    readonly scoring: Pick<Scoring, 'features' | 'model' | 'nulls'>,
    readonly session: SyncSession,
    readonly dictionaries = textDictionaries(scoring.features),
    substitute?: Substitute,
    /** Is called with what the substitute did otherwise than the model; it is not used then. */
    readonly onDifference: (what: string) => void = () => {},
  ) {
    this.#substitute = substitute && new ChunkSubstitute(substitute, scoring.features);
    this.#keyColumn = columnCount(scoring.features);
    this.#outputs = scoring.model.outputs.map((output) => ({
      name: output.name,
      type: output.type,
      list: !isScalarOutput(output),
    }));
    this.#names = this.#outputs.map(({ name }) => name);
  }

  /** Keys of the chunk's rows, which come after the features. */
  keys(chunk: DuckDBDataChunk): BigInt64Array {
    return vectorValues(columnVector(chunk, this.#keyColumn), BigInt64Array, chunk.rowCount);
  }

  /** Rows that cannot be scored, with the reason. @throws NULL_FEATURE where the policy is `fail`. */
  rejects(chunk: DuckDBDataChunk): ReasonsByRow {
    const { features, nulls } = this.scoring;
    const views = this.#view(chunk);
    return findRejects(features, views, 0, chunk.rowCount, nulls);
  }

  /**
   * Packs the features, which are the first columns of the chunk, as for a batch: those of the rows
   * that are not rejected.
   * @param profile gets the features of all rows.
   * @throws NULL_FEATURE where the policy is `fail`.
   */
  pack(chunk: DuckDBDataChunk, profile?: FeatureProfile): PackedChunk {
    const { features, nulls } = this.scoring;
    const total = chunk.rowCount;
    const views = this.#view(chunk);
    const rejects = findRejects(features, views, 0, total, nulls);
    profile?.add(views, this.keys(chunk));
    const selection = rejects.size === 0 ? undefined : rowsExcept(rejects, total);
    const rows = total - rejects.size;
    this.packRows({ views, selection, total, rows });
    return { total, rows, selection, rejects, views };
  }

  /**
   * Packs some rows of a chunk.
   * @param given tensors that hold these rows of all features already, in the order of the features.
   */
  packRows(chunk: ChunkRows, given?: readonly BatchTensor[]): void {
    this.#feeds = undefined;
    this.#compared += this.#comparedHere;
    this.#comparedHere = 0;
    if (chunk.rows > 0) this.#packSubstitute(chunk);
    if (this.#substitute !== undefined && this.#isChecked) return;
    const { features } = this.scoring;
    if (given === undefined) {
      this.#inputs ??= new ChunkInputs(features);
      this.#inputs.pack(chunk.views, chunk.selection, chunk.total);
      this.#feeds = this.#inputs.feeds;
    } else {
      this.#feeds = features.flatMap(({ input: name, rowShape }, index) => {
        const feed = given[index];
        return feed === undefined ? [] : [{ ...feed, name, rowShape }];
      });
    }
  }

  /** Tensors of the rows that were packed last, by feature; undefined where there are none. */
  get feeds(): readonly BatchTensor[] | undefined {
    return this.#feeds;
  }

  /** Rows of a call that shows what a row costs. */
  get probeRows(): number {
    return this.#substitute === undefined ? PROBE_ROWS.model : PROBE_ROWS.substitute;
  }

  /** Runs the model on the first rows that were packed. @throws whatever ONNX Runtime throws */
  run(rows: number): BatchTensor[] {
    const substitute = this.#substitute;
    if (substitute === undefined) return this.#runSession(rows);
    return this.#isChecked ? substitute.run(rows, this.#names) : this.#check(substitute, rows);
  }

  #view(chunk: DuckDBDataChunk): ColumnView[] {
    const { features } = this.scoring;
    // The key and the ticket are in between.
    return viewChunk(chunk, features, this.dictionaries, this.#keyColumn + 2);
  }

  /** What has scored rows in place of the model. */
  get scoredBy(): ScoredBy {
    return this.#isChecked ? scoredBy(this.#substitute?.substitute) : [];
  }

  /** A few rows show little. */
  get #isChecked(): boolean {
    return this.#compared + this.#comparedHere >= CHECKED_ROWS;
  }

  #packSubstitute(chunk: ChunkRows): void {
    try {
      this.#substitute?.pack(chunk);
    } catch (error) {
      // The model itself may well take these rows, or name the one that it does not.
      if (this.#isChecked) throw error;
      this.#drop(String(error));
    }
  }

  #check(substitute: ChunkSubstitute, rows: number): BatchTensor[] {
    const count = Math.min(rows, CHECKED_ROWS);
    const wanted = this.#runSession(count);
    const difference = this.#compare(substitute, wanted, count);
    if (difference !== undefined) {
      this.#drop(difference);
      return this.#runSession(rows);
    }
    this.#comparedHere = Math.max(this.#comparedHere, count);
    return substitute.run(rows, this.#names);
  }

  /** What the substitute does otherwise than the model, if anything. */
  #compare(
    substitute: ChunkSubstitute,
    wanted: readonly BatchTensor[],
    rows: number,
  ): string | undefined {
    try {
      const got = substitute.run(rows, this.#names);
      return substituteDifference(got, wanted, substitute.substitute.exact);
    } catch (error) {
      return String(error);
    }
  }

  #drop(why: string): void {
    this.#substitute = undefined;
    this.onDifference(why);
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
    return (this.#feeds ?? []).map((feed) => {
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
    this.writeFields(result, 0, packed, outputs, widths);
    markNull(result, packed.total, packed.rejects.keys());
  }

  /**
   * Writes outputs into fields of a struct, from `firstField` on; rows that were not packed get values
   * of no meaning. @throws as `write`
   */
  writeFields(
    result: Vector,
    firstField: number,
    { total, rows, selection }: Omit<ChunkRows, 'views'>,
    outputs: readonly BatchTensor[],
    widths: number[],
  ): void {
    for (const [index, { name, type, list }] of this.#outputs.entries()) {
      const output = outputs[index];
      const width = (widths[index] ??= list ? (output?.width ?? 0) : 1);
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
      writeField(result, firstField + index, { width, list }, data, total);
    }
  }

  /** Makes the lists of fields valid of which there are no values: all their rows are null. */
  writeNothing(result: Vector, firstField: number, total: number): void {
    for (const [index, { list }] of this.#outputs.entries()) {
      if (list) writeField(result, firstField + index, { width: 0, list }, NO_VALUES, total);
    }
  }
}

const NO_VALUES = new Float32Array();

/** Reasons by row of the chunk. */
type ReasonsByRow = ReadonlyMap<number, string>;

/** What was packed of a chunk: its views are good until the next one. */
export interface PackedChunk extends ChunkRows {
  readonly rejects: ReasonsByRow;
}

function rowsExcept(rejects: ReasonsByRow, total: number): Int32Array {
  const rows = new Int32Array(total - rejects.size);
  let taken = 0;
  for (let row = 0; row < total; row++) if (!rejects.has(row)) rows[taken++] = row;
  return rows;
}
