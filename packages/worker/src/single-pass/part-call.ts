import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Vector } from '@duckdb/node-bindings';
import { ShardmillError } from '@shardmill/core';
import { markNull } from '../duckdb/raw-vector.js';
import type { FeatureProfile } from '../profile/feature-profile.js';
import type { DirectStatistics } from '../write/direct-statistics.js';
import { MAX_US_PER_ROW } from './call-cost.js';
import type { ChallengerScorer, PackedChallenger } from './challenger-scorer.js';
import type { ChallengerTally } from './challenger-tally.js';
import type { ChunkScorer } from './chunk-scorer.js';
import type { FunctionCall } from './model-function.js';

/** A challenger that scores beside, and what is collected of it. */
interface CalledChallenger {
  readonly scorer: ChallengerScorer;
  readonly tally: ChallengerTally;
}

interface PartCallOptions {
  readonly scorer: ChunkScorer;
  readonly challengers: readonly CalledChallenger[];
  /** Gets the outputs, in the order of the rows. */
  readonly statistics: DirectStatistics;
  readonly profile: FeatureProfile | undefined;
  /** Is called with the number of rows scored so far. */
  readonly onRows: (rows: number) => void;
  /** Whether it is still to be found out, with a few rows, if the model is too expensive. */
  readonly probe: { needed: boolean };
  /** Whether rows are rejected; else the first one that has to be fails the query. */
  readonly rejecting: boolean;
}

/** A row has to be rejected, and there was no survey for such rows beforehand. */
export class UnexpectedRejectError extends Error {}

/**
 * V8 counts the views of a chunk's columns as memory of its own, although it is DuckDB's, and makes
 * large collections for them if there are no small ones.
 */
const CHUNKS_PER_COLLECTION = 32;
/** Calls that measure the cost of a row, of which the fastest counts. */
const PROBES = 3;
/** A call has a cost of its own: one of fewer rows counts as one of so many. */
const MIN_COUNTED_ROWS = 1024;

/** What the model's function does in the query of one part. */
export class PartCall implements FunctionCall {
  /** Rows that were scored. */
  seen = 0;
  /** Rows that were rejected, in their order. */
  readonly rejects: { readonly keys: bigint[]; readonly reasons: string[] } = {
    keys: [],
    reasons: [],
  };
  /** Time in the model. */
  modelMs = 0;
  /** Time in the models of challengers. */
  challengersMs = 0;
  #failure: { readonly error: unknown } | undefined;
  #chunks = 0;
  #bestUs = Infinity;
  readonly #widths: number[] = [];
  readonly #challengers: readonly OpenedChallenger[];

  constructor(readonly options: PartCallOptions) {
    this.#challengers = options.challengers.map((one) => ({ ...one, widths: [] }));
  }

  /** Has the next chunk fail, and so the query. */
  cancel(): void {
    this.#failure ??= { error: new ShardmillError('INTERRUPTED', 'the part was cancelled') };
  }

  /** @throws INTERRUPTED */
  throwIfCancelled(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** What the function threw. */
  get failure(): unknown {
    return this.#failure?.error;
  }

  /** Cost of the models' cheapest calls for a chunk: the others were disturbed. Undefined without a call. */
  get usPerRow(): number | undefined {
    return Number.isFinite(this.#bestUs) ? this.#bestUs : undefined;
  }

  /** @throws where the part has to be written in two passes */
  score(chunk: DuckDBDataChunk, result: Vector): void {
    // A query may go on calling after a failure.
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
    const { scorer, statistics, profile, onRows, probe, rejecting } = this.options;
    const packed = scorer.pack(chunk, profile);
    const { rows, rejects } = packed;
    if (rejects.size > 0) {
      if (!rejecting) throw new UnexpectedRejectError('there are rows to reject');
      note(this.rejects, scorer.keys(chunk), rejects);
    }
    if (rows === 0) {
      markNull(result, packed.total, rejects.keys());
      return;
    }
    const others = this.#challengers.map((challenger) => ({
      challenger,
      packed: challenger.scorer.pack(chunk, packed, scorer.feeds),
    }));
    if (probe.needed) this.#probe(rows, others);
    const started = performance.now();
    const outputs = scorer.run(rows);
    const championMs = performance.now() - started;
    this.modelMs += championMs;
    scorer.write(result, packed, outputs, this.#widths);
    let milliseconds = championMs;
    for (const other of others) {
      milliseconds += this.#runChallenger(result, other, { rows, outputs, seen: this.seen });
    }
    this.challengersMs += milliseconds - championMs;
    this.#bestUs = Math.min(this.#bestUs, (milliseconds * 1000) / Math.max(rows, MIN_COUNTED_ROWS));
    statistics.add({ rows, positions: undefined }, outputs, NONE);
    this.seen += rows;
    onRows(this.seen);
  }

  /** @returns what its model took, in milliseconds */
  #runChallenger(
    result: Vector,
    { challenger: { scorer, tally, widths }, packed }: CalledRows,
    champion: Parameters<ChallengerTally['add']>[2],
  ): number {
    const started = performance.now();
    const outputs = scorer.run(packed);
    const milliseconds = performance.now() - started;
    scorer.write(result, packed, outputs, widths);
    tally.add(packed, outputs, champion);
    return milliseconds;
  }

  /** @throws where a row takes so long that a chunk of them would delay everything */
  #probe(rows: number, others: readonly CalledRows[]): void {
    const { scorer } = this.options;
    const scorers = [scorer, ...others.map(({ challenger }) => challenger.scorer.scorer)];
    const probeRows = Math.max(...scorers.map((one) => one.probeRows));
    if (rows <= probeRows) return;
    this.options.probe.needed = false;
    const run = (count: number): void => {
      scorer.run(count);
      for (const { challenger, packed } of others) {
        challenger.scorer.run({ ...packed, rows: Math.min(count, packed.rows) });
      }
    };
    // The first call of all finds nothing in the caches.
    run(1);
    let best = Infinity;
    for (let probe = 0; probe < PROBES; probe++) {
      const started = performance.now();
      run(probeRows);
      best = Math.min(best, ((performance.now() - started) * 1000) / probeRows);
      if (best <= MAX_US_PER_ROW) return;
    }
    this.#bestUs = best;
    this.options.probe.needed = true;
    throw new Error('the model is too expensive for a single pass');
  }
}

const NONE: ReadonlyMap<number, string> = new Map();

interface OpenedChallenger extends CalledChallenger {
  /** Of its outputs. */
  readonly widths: number[];
}

interface CalledRows {
  readonly challenger: OpenedChallenger;
  readonly packed: PackedChallenger;
}

/** What the function does in a query that only searches for rows to reject. */
export class SurveyCall implements FunctionCall {
  /** Rows that were checked. */
  seen = 0;
  /** Checked rows that are to be rejected. */
  rejected = 0;

  constructor(readonly scorer: ChunkScorer) {}

  /** @throws NULL_FEATURE where the policy is `fail`. */
  score(chunk: DuckDBDataChunk): void {
    this.seen += chunk.rowCount;
    this.rejected += this.scorer.rejects(chunk).size;
  }
}

function note(
  rejects: PartCall['rejects'],
  keys: BigInt64Array,
  rows: ReadonlyMap<number, string>,
): void {
  for (const [row, reason] of rows) {
    rejects.keys.push(keys[row] ?? 0n);
    rejects.reasons.push(reason);
  }
}
