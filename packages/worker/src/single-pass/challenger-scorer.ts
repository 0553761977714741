import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Vector } from '@duckdb/node-bindings';
import type { Scoring } from '@shardmill/core';
import { CHUNK_ROWS, noneValid, writeField, writeFieldValidity } from '../duckdb/raw-vector.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { withoutFailure } from '../scan/challenger-batch.js';
import type { ChallengerReader } from '../scan/challenger-columns.js';
import { findRejects } from '../scan/reject-rows.js';
import type { ChunkRows } from '../substitute/kernel-columns.js';
import type { ChunkScorer, PackedChunk } from './chunk-scorer.js';

/** Rows of a chunk that a challenger scores. */
export interface PackedChallenger extends ChunkRows {
  /** Which of the champion's rows each of them is; undefined where they are the same rows. */
  readonly positions: Int32Array | undefined;
  /** Rows of its share, those that are not scored included. */
  readonly sampled: number;
  /** Rows of the chunk that are in its share and not scored. */
  readonly failed: readonly number[];
  /** As validity masks, the rows of its share and those that are scored; undefined where all are. */
  readonly masks: RowMasks | undefined;
  /** Why the first one is not scored whose features do not allow it. */
  readonly failure: string | undefined;
}

interface RowMasks {
  readonly share: Uint8Array<ArrayBuffer>;
  readonly scored: Uint8Array<ArrayBuffer>;
}

const SCORED_FLAGS = new Uint8Array(CHUNK_ROWS).fill(1);
const NONE: ReadonlyMap<number, string> = new Map();

/** Scores the rows of a challenger's share, of the chunks that the champion scores. */
export class ChallengerScorer {
  readonly #sharesAll: boolean;
  readonly #nulls: Scoring['nulls'];

  /** @param firstField of the function's struct, whether a row is scored; its outputs are behind it. */
  constructor(
    readonly scorer: ChunkScorer,
    readonly reader: ChallengerReader,
    readonly firstField: number,
  ) {
    this.#sharesAll = reader.sharedWith.every((index) => index !== undefined);
    this.#nulls = withoutFailure(scorer.scoring.nulls);
  }

  /**
   * Packs the rows of the share, of those that the champion scores.
   * @param feeds the champion's tensors, by feature, where it has them.
   */
  pack(
    chunk: DuckDBDataChunk,
    champion: PackedChunk,
    feeds: readonly BatchTensor[] | undefined,
  ): PackedChallenger {
    const { views, inShare } = this.reader.view(chunk, champion.views);
    const { features } = this.scorer.scoring;
    const { total, rows, selection } = champion;
    // What is the champion's as well has been checked with its own rows.
    const rejects = this.#sharesAll ? NONE : findRejects(features, views, 0, total, this.#nulls);
    const packed: PackedChallenger =
      inShare === undefined && rejects.size === 0
        ? { ...ALL_ROWS, views, total, rows, selection, sampled: rows }
        : { views, total, ...chooseRows(champion, inShare, rejects) };
    const given =
      this.#sharesAll && packed.positions === undefined && feeds !== undefined
        ? this.reader.sharedWith.flatMap((index) => feeds[index ?? -1] ?? [])
        : undefined;
    this.scorer.packRows(packed, given);
    return packed;
  }

  /** Runs the model on the rows that were packed. @throws whatever ONNX Runtime throws */
  run({ rows }: PackedChallenger): BatchTensor[] {
    return rows === 0 ? [] : this.scorer.run(rows);
  }

  /**
   * Writes what it gives into its fields of the function's struct.
   * @param widths of the outputs, as for the champion.
   * @throws MODEL_OUTPUT_SHAPE where an output is not as planned.
   */
  write(
    result: Vector,
    packed: PackedChallenger,
    outputs: readonly BatchTensor[],
    widths: number[],
  ): void {
    const { total, failed, masks } = packed;
    writeField(result, this.firstField, FLAG, flagsOf(failed), total);
    const first = this.firstField + 1;
    if (packed.rows > 0) this.scorer.writeFields(result, first, packed, outputs, widths);
    else this.scorer.writeNothing(result, first, total);
    if (masks === undefined) return;
    writeFieldValidity(result, this.firstField, masks.share);
    for (let i = 0; i < this.scorer.scoring.model.outputs.length; i++) {
      writeFieldValidity(result, first + i, masks.scored);
    }
  }
}

const FLAG = { width: 1, list: false };

function flagsOf(failed: readonly number[]): Uint8Array {
  if (failed.length === 0) return SCORED_FLAGS;
  const flags = SCORED_FLAGS.slice();
  for (const row of failed) flags[row] = 0;
  return flags;
}

const ALL_ROWS = { positions: undefined, failed: [], masks: undefined, failure: undefined };

type ChosenRows = Omit<PackedChallenger, 'views' | 'total'>;

/** Divides the rows that the champion scores into those to score, those that cannot be, and the others. */
function chooseRows(
  { total, rows, rejects: left }: PackedChunk,
  inShare: Uint8Array | undefined,
  rejects: ReadonlyMap<number, string>,
): ChosenRows {
  const selection = new Int32Array(rows);
  const positions = new Int32Array(rows);
  const failed: number[] = [];
  const [share, scored] = [noneValid(), noneValid()];
  let failure: string | undefined;
  let [taken, position] = [0, 0];
  for (let row = 0; row < total; row++) {
    if (left.size > 0 && left.has(row)) continue;
    const place = position++;
    if (inShare !== undefined && inShare[row] !== 1) continue;
    const [byte, bit] = [row >> 3, 1 << (row & 7)];
    share[byte] = (share[byte] ?? 0) | bit;
    const reason = rejects.size === 0 ? undefined : rejects.get(row);
    if (reason === undefined) {
      scored[byte] = (scored[byte] ?? 0) | bit;
      selection[taken] = row;
      positions[taken++] = place;
    } else {
      failed.push(row);
      failure ??= reason;
    }
  }
  const sampled = taken + failed.length;
  const isSame = taken === rows;
  return {
    rows: taken,
    selection: taken === total ? undefined : selection.subarray(0, taken),
    positions: isSame ? undefined : positions.subarray(0, taken),
    sampled,
    failed,
    masks: { share, scored },
    failure,
  };
}
