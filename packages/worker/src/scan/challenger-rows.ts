import type { BatchTensor } from '../onnx/batch-tensor.js';

/** What becomes of a scanned row. */
export const OUT_OF_SHARE = 0;
export const SCORED = 1;
export const FAILED = 2;

/** A challenger's rows of a batch. */
export interface ChallengerBatch {
  /** Rows in the tensors. */
  readonly rows: number;
  /** Which scanned row each of them is. */
  readonly positions: Int32Array;
  readonly feeds: BatchTensor[];
  /** What becomes of each scanned row, as far as its features show. */
  readonly states: Uint8Array;
  /** Why the first one is not scored whose features do not allow it. */
  readonly failure: string | undefined;
}
