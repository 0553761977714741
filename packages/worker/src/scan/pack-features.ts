import type { BoundFeature } from '@shardmill/core';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { ColumnView } from './column-view.js';
import { packColumn } from './pack-column.js';

/**
 * Writes the scanned columns of all features into their tensors, from row `firstRow` of these on.
 * @param views the columns, in the order of the scan.
 * @param selection source rows to take; undefined for all of `[from, to)`.
 */
export function packFeatures(
  features: readonly BoundFeature[],
  tensors: readonly BatchTensor[],
  firstRow: number,
  views: readonly ColumnView[],
  selection: Int32Array | undefined,
  from: number,
  to: number,
): void {
  let column = 0;
  for (const [index, feature] of features.entries()) {
    const target = tensors[index]?.data;
    for (let element = 0; element < feature.columns.length; element++) {
      const view = views[column++];
      if (target === undefined || view === undefined) continue;
      packColumn(target, feature, element, firstRow, view, selection, from, to);
    }
  }
}
