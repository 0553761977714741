import type { ErrorRecord, TensorInfo } from '@shardmill/core';
import type { BatchResult, BatchTensor } from './run-batch.js';

/** What the engine sends to a lane. */
export type LaneRequest =
  | { readonly kind: 'load'; readonly path: string; readonly threads: number }
  | {
      readonly kind: 'batch';
      readonly id: number;
      readonly rows: number;
      readonly feeds: readonly BatchTensor[];
      /** Names of the outputs to compute. */
      readonly outputs: readonly string[];
      /** Whether to find out how many rows one call should take; else the batch is one call. */
      readonly tune: boolean;
    };

/** What a lane answers; feeds come back so that their memory can be used again. */
export type LaneReply =
  | { readonly kind: 'loaded'; readonly inputs: TensorInfo[]; readonly outputs: ModelOutput[] }
  | {
      readonly kind: 'result';
      readonly id: number;
      readonly result: BatchResult;
      readonly feeds: readonly BatchTensor[];
      readonly milliseconds: number;
    }
  | { readonly kind: 'failed'; readonly id: number | null; readonly error: ErrorRecord };

export type ModelOutput = TensorInfo | { readonly name: string; readonly type: 'non-tensor' };

/** The memory of tensors, to be handed over with a message instead of copied. */
export function buffersOf(tensors: readonly BatchTensor[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { data } of tensors) {
    if (!Array.isArray(data) && data.buffer instanceof ArrayBuffer) buffers.add(data.buffer);
  }
  return [...buffers];
}
