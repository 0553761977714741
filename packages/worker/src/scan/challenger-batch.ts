import type { Scoring } from '@shardmill/core';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { type FeedPool, withOwnTexts } from './batch-builder.js';
import type { ChallengerViews } from './challenger-columns.js';
import { type ChallengerBatch, FAILED, SCORED } from './challenger-rows.js';
import { packFeatures } from './pack-features.js';
import { findRejects } from './reject-rows.js';

/** Collects a challenger's rows of the batches that the champion's are collected into. */
export class ChallengerBatchBuilder {
  #feeds: BatchTensor[];
  #positions: Int32Array;
  #states: Uint8Array;
  #rows = 0;
  #scanned = 0;
  #failure: string | undefined;

  constructor(
    readonly pool: FeedPool,
    readonly nulls: Scoring['nulls'],
  ) {
    this.#feeds = pool.take();
    this.#positions = new Int32Array(pool.capacity);
    this.#states = new Uint8Array(pool.capacity);
  }

  /** Adds rows `[from, to)`, for which the batch must have room. */
  add({ views, inShare }: ChallengerViews, from: number, to: number): void {
    const { features } = this.pool;
    const rejects = findRejects(features, views, from, to, withoutFailure(this.nulls));
    const selection = new Int32Array(to - from);
    let taken = 0;
    for (let row = from; row < to; row++) {
      if (inShare !== undefined && inShare[row] !== 1) continue;
      const position = this.#scanned + row - from;
      const reason = rejects.size === 0 ? undefined : rejects.get(row);
      if (reason !== undefined) {
        this.#states[position] = FAILED;
        this.#failure ??= reason;
        continue;
      }
      this.#states[position] = SCORED;
      this.#positions[this.#rows + taken] = position;
      selection[taken++] = row;
    }
    const all = taken === to - from;
    if (taken > 0) {
      const chosen = all ? undefined : selection.subarray(0, taken);
      packFeatures(features, this.#feeds, this.#rows, views, chosen, from, to);
    }
    this.#rows += taken;
    this.#scanned += to - from;
  }

  finish(): ChallengerBatch {
    const batch = {
      rows: this.#rows,
      positions: this.#positions.subarray(0, this.#rows),
      feeds: this.#feeds.map((feed) => withOwnTexts(feed, this.#rows)),
      states: this.#states.subarray(0, this.#scanned),
      failure: this.#failure,
    };
    this.#feeds = this.pool.take(this.#feeds);
    this.#positions = new Int32Array(this.pool.capacity);
    this.#states = new Uint8Array(this.pool.capacity);
    this.#failure = undefined;
    this.#rows = 0;
    this.#scanned = 0;
    return batch;
  }
}

/** A challenger that cannot score a row does not end the run, whatever the job says of the champion's. */
export const withoutFailure = (nulls: Scoring['nulls']): Scoring['nulls'] =>
  nulls === 'fail' ? 'reject' : nulls;
