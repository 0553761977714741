import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Vector } from '@duckdb/node-bindings';
import type { DirectStatistics } from '../write/direct-statistics.js';
import type { CallCost } from './call-cost.js';
import type { ChunkScorer, ModelCall } from './chunk-scorer.js';
import type { FunctionCall } from './model-function.js';

export interface PartCallOptions {
  readonly scorer: ChunkScorer;
  readonly cost: CallCost;
  /** Whether to go on whatever a call costs. */
  readonly atAnyCost: boolean;
  /** Gets the outputs, in the order in which they come. */
  readonly statistics: DirectStatistics;
  readonly signal: AbortSignal;
  /** Told the rows that are scored so far. */
  readonly onRows: (rows: number) => void;
}

/**
 * V8 counts the views of a chunk's columns as memory of its own, although it is DuckDB's, and makes
 * large collections for them if there are no small ones.
 */
const CHUNKS_PER_COLLECTION = 32;

/** What the model's function does in the query of one part. */
export class PartCall implements FunctionCall {
  /** Rows that were scored. */
  seen = 0;
  #failure: { readonly error: unknown } | undefined;
  #chunks = 0;
  readonly #widths: number[] = [];

  constructor(readonly options: PartCallOptions) {}

  /** @throws whatever makes the part one for two passes, and what the signal was aborted with. */
  score(chunk: DuckDBDataChunk, result: Vector): void {
    // Threads that are at work already ask on after the first failure: all are told of that one.
    if (this.#failure !== undefined) throw this.#failure.error;
    try {
      this.#score(chunk, result);
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
    // Only there under --expose-gc, with which the engine process is started.
    if (++this.#chunks % CHUNKS_PER_COLLECTION === 0) globalThis.gc?.({ type: 'minor' });
  }

  #score(chunk: DuckDBDataChunk, result: Vector): void {
    const { scorer, cost, statistics, signal, onRows } = this.options;
    signal.throwIfAborted();
    const rows = chunk.rowCount;
    scorer.pack(chunk);
    for (const few of cost.firstTries) if (few < rows) this.#run(few);
    const { outputs } = this.#run(rows);
    scorer.write(result, outputs, rows, this.#widths);
    statistics.add({ rows, positions: undefined }, outputs, NONE);
    this.seen += rows;
    onRows(this.seen);
  }

  #run(rows: number): ModelCall {
    const { scorer, cost, atAnyCost } = this.options;
    const call = scorer.run(rows);
    cost.record(rows, call.milliseconds);
    if (cost.tooDear && !atAnyCost) throw new Error('the model is too dear');
    return call;
  }
}

const NONE: ReadonlyMap<number, string> = new Map();
