import type { BoundFeature } from '@shardmill/core';
import { MIN_PACKED_COLUMNS, RowPacker } from '@shardmill/trees';
import { CHUNK_ROWS } from '../duckdb/raw-vector.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { FeedPool } from '../scan/batch-builder.js';
import type { ColumnView } from '../scan/column-view.js';
import { packColumn } from '../scan/pack-column.js';
import { packFeatures } from '../scan/pack-features.js';

/** The model's inputs, made of a chunk's columns in memory that is used again for each chunk. */
export class ChunkInputs {
  /** Tensors with room for all rows of a chunk. */
  readonly feeds: readonly BatchTensor[];
  /** By feature; undefined for those that are packed value by value. */
  readonly #packers: readonly (RowPacker | undefined)[];

  constructor(readonly features: readonly BoundFeature[]) {
    this.#packers = features.map((feature) =>
      isTransposed(feature) ? new RowPacker(feature.width, CHUNK_ROWS) : undefined,
    );
    this.feeds = features.flatMap((feature, index) => {
      const packer = this.#packers[index];
      if (packer === undefined) return new FeedPool([feature], CHUNK_ROWS).take();
      const { input: name, type, rowShape, width } = feature;
      return [{ name, type, rowShape, width, data: packer.rows }];
    });
  }

  /**
   * @param views the columns of all features, in their order
   * @param selection rows to take; undefined for all
   * @param rows of the chunk
   */
  pack(views: readonly ColumnView[], selection: Int32Array | undefined, rows: number): void {
    let first = 0;
    for (const [index, feature] of this.features.entries()) {
      const [packer, feed] = [this.#packers[index], this.feeds[index]];
      const own = views.slice(first, first + feature.columns.length);
      first += feature.columns.length;
      if (packer !== undefined) {
        copyColumns(feature, packer, own, selection, rows);
        packer.pack(selection?.length ?? rows);
      } else if (feed !== undefined) packFeatures([feature], [feed], 0, own, selection, 0, rows);
    }
  }
}

/** Columns of float32 are copied as they are, and made into rows by generated code. */
function isTransposed({ layout, type, columns, width }: BoundFeature): boolean {
  return (
    layout === 'scalars' &&
    type === 'float32' &&
    width >= MIN_PACKED_COLUMNS &&
    width === columns.length
  );
}

/** Writes scanned columns one by one: there is no tensor yet. */
function copyColumns(
  feature: BoundFeature,
  packer: RowPacker,
  views: readonly ColumnView[],
  selection: Int32Array | undefined,
  rows: number,
): void {
  const single = { ...feature, width: 1 };
  for (let element = 0; element < feature.columns.length; element++) {
    const [view, target] = [views[element], packer.column(element)];
    if (view === undefined || target === undefined) continue;
    packColumn(target, single, 0, 0, view, selection, 0, rows);
  }
}
