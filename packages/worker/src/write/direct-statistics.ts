import { foldName, type NumberState, type Scoring } from '@shardmill/core';
import { isScalarOutput } from '../bind/outputs/bind-outputs.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { Batch } from '../scan/batch-builder.js';
import { plainReference } from '../sql/plain-reference.js';
import { NumberCollector } from './number-collector.js';
import type { ReasonsByPosition } from './result-table.js';

/**
 * Statistics of the output columns that are a model output as it is (`score`, `probabilities[2]`),
 * collected while the batches go by, so that these columns need not be read again.
 */
export class DirectStatistics {
  readonly #columns: readonly DirectColumn[];

  constructor(scoring: Scoring) {
    this.#columns = directColumns(scoring);
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

  /** Numbers by output column. */
  finish(): Map<string, NumberState> {
    return new Map(this.#columns.map(({ name, collector }) => [name, collector.finish()]));
  }
}

interface DirectColumn {
  readonly name: string;
  /** Index of the model output. */
  readonly tensor: number;
  /** Element of its row. */
  readonly element: number;
  readonly collector: NumberCollector;
}

function directColumns(scoring: Scoring): DirectColumn[] {
  const { outputs } = scoring.model;
  return scoring.output.columns.flatMap(({ name, sql }) => {
    const reference = plainReference(sql);
    if (reference === undefined || reference.table === 'input') return [];
    const tensor = outputs.findIndex((output) => foldName(output.name) === reference.name);
    const output = outputs[tensor];
    if (output === undefined || !/^float(32|64)$/.test(output.type)) return [];
    const scalar = isScalarOutput(output);
    // A list is no number, and element 0 of one, or one past its end, is null.
    const width = Number(output.shape[1]);
    const element = (reference.element ?? 1) - 1;
    if (scalar !== (reference.element === undefined) || element < 0) return [];
    if (!scalar && (output.shape.length !== 2 || !(element < width))) return [];
    return [{ name, tensor, element, collector: new NumberCollector() }];
  });
}
