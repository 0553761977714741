import type { BoundFeature, Scoring } from '@shardmill/core';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { newTensorData } from '../onnx/tensor-types.js';
import { TokenRows } from '../text/token-rows.js';
import type { ChallengerBatch } from './challenger-rows.js';
import type { ColumnView } from './column-view.js';
import { packFeatures } from './pack-features.js';
import { findRejects } from './reject-rows.js';

/** Rows of one `session.run`, with what is needed to put its results back in order. */
export interface Batch {
  /** Rows in the tensors. */
  readonly rows: number;
  /** Rows of the scan, those rejected before inference included. */
  readonly scannedRows: number;
  /** Key of every scanned row. */
  readonly keys: BigInt64Array;
  /** Which scanned row a tensor row is; undefined where all were taken. */
  readonly positions: Int32Array | undefined;
  /** Scanned rows that cannot be scored. */
  readonly rejects: readonly { readonly position: number; readonly reason: string }[];
  /** Those of features that are made of tokens are empty: they are filled for each call. */
  readonly feeds: BatchTensor[];
  /** The tokens of each tensor row, where a feature is made of them. */
  readonly tokens: TokenRows | undefined;
  /** The rows of challengers; absent where there are none. */
  readonly challengers?: readonly ChallengerBatch[];
}

/** Feeds that lanes have given back, to be filled again. */
export class FeedPool {
  #free: (readonly BatchTensor[])[] = [];

  constructor(
    readonly features: readonly BoundFeature[],
    readonly capacity: number,
  ) {}

  /** @param texts feeds whose texts were copied, and can be filled again. */
  take(texts?: readonly BatchTensor[]): BatchTensor[] {
    const used = this.#free.pop();
    return this.features.map((feature, index) => ({
      name: feature.input,
      type: feature.type,
      rowShape: feature.rowShape,
      width: feature.width,
      data:
        (feature.type === 'string' ? texts : used)?.[index]?.data ??
        newTensorData(
          feature.type,
          feature.layout === 'tokens' ? 0 : this.capacity * feature.width,
        ),
    }));
  }

  readonly giveBack = (feeds: readonly BatchTensor[]): void => {
    this.#free.push(feeds);
  };
}

/** Collects scanned rows, of which there are `pool.capacity` at most, into a batch of `batchRows`. */
export class BatchBuilder {
  #feeds: BatchTensor[];
  #keys: BigInt64Array;
  #tokens: TokenRows | undefined;
  #positions: Int32Array | undefined;
  #rejects: { position: number; reason: string }[] = [];
  #rows = 0;
  #scanned = 0;
  #wanted: number;

  /** @param batchRows is asked for the rows of each batch when that is begun. */
  constructor(
    readonly pool: FeedPool,
    readonly nulls: Scoring['nulls'],
    readonly batchRows: () => number = () => pool.capacity,
  ) {
    this.#wanted = batchRows();
    this.#feeds = pool.take();
    this.#keys = new BigInt64Array(pool.capacity);
    this.#tokens = this.#newTokens();
  }

  get space(): number {
    return Math.min(this.pool.capacity - this.#scanned, Math.max(0, this.#wanted - this.#rows));
  }

  get scannedRows(): number {
    return this.#scanned;
  }

  /**
   * Adds rows `[from, to)`; there must be space for them.
   * @throws NULL_FEATURE where the policy is `fail`.
   */
  add(views: readonly ColumnView[], keys: BigInt64Array, from: number, to: number): void {
    const { features } = this.pool;
    const rejects = findRejects(features, views, from, to, this.nulls);
    const selection = this.#select(rejects, from, to);
    packFeatures(features, this.#feeds, this.#rows, views, selection, from, to);
    this.#takeTokens(views, selection, from, to);
    this.#keys.set(keys.subarray(from, to), this.#scanned);
    this.#scanned += to - from;
    this.#rows += to - from - rejects.size;
  }

  finish(): Batch {
    const batch = {
      rows: this.#rows,
      scannedRows: this.#scanned,
      keys: this.#keys.subarray(0, this.#scanned),
      positions: this.#positions?.subarray(0, this.#rows),
      rejects: this.#rejects,
      feeds: this.#feeds.map((feed) => withOwnTexts(feed, this.#rows)),
      tokens: this.#tokens,
    };
    this.#feeds = this.pool.take(this.#feeds);
    this.#keys = new BigInt64Array(this.pool.capacity);
    this.#tokens = this.#newTokens();
    this.#positions = undefined;
    this.#rejects = [];
    this.#rows = 0;
    this.#scanned = 0;
    this.#wanted = this.batchRows();
    return batch;
  }

  #newTokens(): TokenRows | undefined {
    const { features, capacity } = this.pool;
    return features.some(({ layout }) => layout === 'tokens') ? new TokenRows(capacity) : undefined;
  }

  #takeTokens(
    views: readonly ColumnView[],
    selection: Int32Array | undefined,
    from: number,
    to: number,
  ): void {
    if (this.#tokens === undefined) return;
    const view = views.find((one) => one.kind === 'tokens');
    if (view === undefined) return;
    if (selection === undefined) for (let row = from; row < to; row++) this.#tokens.add(view, row);
    else for (const row of selection) this.#tokens.add(view, row);
  }

  /** Source rows to take, or undefined for all; notes where they and the rejected ones go. */
  #select(rejects: ReadonlyMap<number, string>, from: number, to: number): Int32Array | undefined {
    if (rejects.size > 0 && this.#positions === undefined) {
      this.#positions = new Int32Array(this.pool.capacity);
      for (let i = 0; i < this.#rows; i++) this.#positions[i] = i;
    }
    if (this.#positions === undefined) return undefined;
    const selection = new Int32Array(to - from - rejects.size);
    let taken = 0;
    for (let row = from; row < to; row++) {
      const position = this.#scanned + row - from;
      const reason = rejects.get(row);
      if (reason === undefined) {
        this.#positions[this.#rows + taken] = position;
        selection[taken++] = row;
      } else {
        this.#rejects.push({ position, reason });
      }
    }
    return rejects.size === 0 ? undefined : selection;
  }
}

/**
 * A feed as it is sent to a lane: texts are copied there one by one, whatever lies behind those of
 * the batch, while the memory of numbers is handed over.
 */
export function withOwnTexts(feed: BatchTensor, rows: number): BatchTensor {
  const { data, width } = feed;
  return Array.isArray(data) ? { ...feed, data: data.slice(0, rows * width) } : feed;
}
