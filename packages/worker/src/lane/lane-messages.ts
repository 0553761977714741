import type {
  BoundFeature,
  ErrorRecord,
  ExecutionProvider,
  ScoredOutput,
  TensorInfo,
} from '@shardmill/core';
import type { PartOrder, PartOutcome, WriterSetup } from '../single-pass/part-order.js';
import type { SessionReport } from '../onnx/open-session.js';
import type { ProviderReport } from '../onnx/probe-providers.js';
import type { ModelSubstitute } from '../substitute/model-substitute.js';
import type { ScoredBy } from '../substitute/scored-by.js';
import type { BatchResult } from '../infer/run-batch.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { RowProbe } from '../row-wise/probe-rows.js';

/** How a lane opens the model. */
export interface LaneOptions {
  readonly threads: number;
  /** Providers in the order of preference; the next one is used where one is missing. */
  readonly providers: readonly ExecutionProvider[];
}

/** What the engine sends to a lane. */
export type LaneRequest =
  | {
      readonly kind: 'load';
      readonly path: string;
      readonly options: LaneOptions;
      /** What another lane says of the model: this one opens it when it needs it, which may be never. */
      readonly known: LoadedModel | undefined;
    }
  | { readonly kind: 'probe' }
  | {
      readonly kind: 'batch';
      readonly id: number;
      readonly rows: number;
      readonly feeds: readonly BatchTensor[];
      /** Names of the outputs to compute. */
      readonly outputs: readonly string[];
      /** The most rows of one call. */
      readonly callRows: number;
      /** The most rows for which there was room. */
      readonly safeRows: number;
      /** What a row counts for in `callRows` and `safeRows`: its tokens, or 1. */
      readonly unitsPerRow: number;
      /** What is made of the outputs, where the run does not use them as they are. */
      readonly pooled: readonly ScoredOutput[] | undefined;
      /** Whether the batch must be one call: the job fixes the rows of each. */
      readonly undivided: boolean;
    }
  /** Scores a few rows in several ways, to see whether they depend on each other. */
  | {
      readonly kind: 'probeRows';
      readonly id: number;
      readonly feeds: readonly BatchTensor[];
      readonly outputs: readonly string[];
    }
  /** From now on parts of this run may be asked for, in place of those of another one. */
  | { readonly kind: 'prepareParts'; readonly setup: WriterSetup }
  | { readonly kind: 'part'; readonly id: number; readonly order: PartOrder }
  /** From now on batches are scored by this, where its first rows are the same as the model's. */
  | {
      readonly kind: 'substitute';
      /** Is in the answer. */
      readonly id: number;
      readonly substitute: ModelSubstitute | undefined;
      readonly features: readonly BoundFeature[];
    }
  /** What another lane has found of its first rows. */
  | { readonly kind: 'settleSubstitute'; readonly same: boolean }
  /** Has the part end soon, with any outcome. */
  | { readonly kind: 'cancelPart' }
  /** No more requests follow: the lane releases what a thread must not be ended with. */
  | { readonly kind: 'end' };

/** What a lane answers; feeds come back so that their memory can be used again. */
export type LaneReply =
  | ({ readonly kind: 'loaded' } & LoadedModel)
  | { readonly kind: 'probed'; readonly providers: ProviderReport[] }
  | {
      readonly kind: 'result';
      readonly id: number;
      readonly result: BatchResult;
      readonly feeds: readonly BatchTensor[];
      readonly milliseconds: number;
      /** By how much the process grew meanwhile, at most. */
      readonly grownBytes: number;
      /** What scored the batch. */
      readonly scoredBy: ScoredBy;
      /** As in the request, or fewer if there was no room for so many. */
      readonly safeRows: number;
    }
  /** Rows of the part that are scored so far. */
  | { readonly kind: 'partRows'; readonly id: number; readonly rows: number }
  | { readonly kind: 'part'; readonly id: number; readonly outcome: PartOutcome }
  | { readonly kind: 'rowsProbed'; readonly id: number; readonly probe: RowProbe }
  | { readonly kind: 'ended' }
  /** Whether the first rows of a substitute were the same as the model's; it is not used if not. */
  | { readonly kind: 'substituteChecked'; readonly id: number; readonly same: boolean }
  /** A sentence on something that is not as requested. */
  | { readonly kind: 'notice'; readonly text: string }
  | {
      readonly kind: 'failed';
      readonly id: number | null;
      readonly error: ErrorRecord;
      /** For a batch, as with a result. */
      readonly safeRows?: number;
    };

/** What a lane says of the model that it has loaded. */
export interface LoadedModel {
  readonly inputs: TensorInfo[];
  readonly outputs: ModelOutput[];
  readonly report: SessionReport;
}

export type ModelOutput = TensorInfo | { readonly name: string; readonly type: 'non-tensor' };

/** The memory of tensors, to be handed over with a message instead of copied. */
export function buffersOf(tensors: readonly BatchTensor[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { data } of tensors) {
    if (!Array.isArray(data) && data.buffer instanceof ArrayBuffer) buffers.add(data.buffer);
  }
  return [...buffers];
}
