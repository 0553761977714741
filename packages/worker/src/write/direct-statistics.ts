import type { NumberState } from '@shardmill/core';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { Batch } from '../scan/batch-builder.js';
import type { DirectColumn } from './direct-columns.js';
import { NumberCollector } from './number-collector.js';
import type { ReasonsByPosition } from './result-table.js';

/**
 * Statistics of the output columns that are a model output as it is, collected while the batches go by,
 * so that these columns need not be read again.
 */
export class DirectStatistics {
  readonly #columns: readonly (DirectColumn & { readonly collector: NumberCollector })[];

  constructor(columns: readonly DirectColumn[]) {
    this.#columns = columns.map((column) => ({ ...column, collector: new NumberCollector() }));
  }

  /** The outputs of some rows. */
  add(
    batch: Pick<Batch, 'rows' | 'positions'>,
    tensors: readonly BatchTensor[],
    rejects: ReasonsByPosition,
  ): void {
    const { positions } = batch;
    for (const { tensor, element, collector } of this.#columns) {
      const output = tensors[tensor];
      if (output === undefined || element >= output.width) continue;
      const { data, width } = output;
      if (!(data instanceof Float32Array || data instanceof Float64Array)) continue;
      if (rejects.size === 0) {
        collector.addAll(data, element, width, batch.rows);
        continue;
      }
      for (let row = 0; row < batch.rows; row++) {
        if (rejects.has(positions?.[row] ?? row)) continue;
        collector.addAll(data, row * width + element, 1, 1);
      }
    }
  }

  /** Rows of the output in which all these columns are null. */
  addNulls(rows: number): void {
    for (const { collector } of this.#columns) collector.addNulls(rows);
  }

  /** Numbers by output column. */
  finish(): Map<string, NumberState> {
    return new Map(this.#columns.map(({ name, collector }) => [name, collector.finish()]));
  }
}
