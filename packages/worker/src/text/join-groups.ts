import { ShardmillError } from '@shardmill/core';
import type { BatchResult } from '../infer/run-batch.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { newTensorData } from '../onnx/tensor-types.js';

/** What came of a call, and which rows of the batch it had. */
export interface GroupResult extends BatchResult {
  readonly rows: Int32Array;
}

/** Results of the calls of a batch, each row at its own place. @throws MODEL_OUTPUT_SHAPE */
export function joinGroups(groups: readonly GroupResult[], rows: number): BatchResult {
  const outputs: BatchTensor[] = [];
  for (const group of groups) {
    for (const [index, output] of group.outputs.entries()) {
      const target = (outputs[index] ??= {
        ...output,
        data: newTensorData(output.type, rows * output.width),
      });
      if (target.width !== output.width) {
        throw new ShardmillError(
          'MODEL_OUTPUT_SHAPE',
          `output "${output.name}" has ${target.width} values per row in one call and ${output.width} in another`,
        );
      }
      putRows(target, output, group.rows);
    }
  }
  const failures = groups.flatMap((group) =>
    group.failures.map(({ row, message }) => ({ row: group.rows[row] ?? row, message })),
  );
  return { outputs, failures: failures.toSorted((a, b) => a.row - b.row) };
}

function putRows(target: BatchTensor, { data, width }: BatchTensor, rows: Int32Array): void {
  for (const [place, row] of rows.entries()) {
    if (target.data instanceof Float32Array && data instanceof Float32Array) {
      target.data.set(data.subarray(place * width, (place + 1) * width), row * width);
      continue;
    }
    for (let i = 0; i < width; i++) {
      const value = data[place * width + i];
      if (value !== undefined) target.data[row * width + i] = value;
    }
  }
}
