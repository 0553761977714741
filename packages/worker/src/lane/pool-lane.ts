import type { Worker } from 'node:worker_threads';
import type { ScoredOutput, ShardmillError } from '@shardmill/core';
import type { BatchResult } from '../infer/run-batch.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { RowProbe } from '../row-wise/probe-rows.js';
import type { ScoredBy } from '../substitute/scored-by.js';
import type { PartOutcome } from '../single-pass/part-order.js';
import type { LoadedModel } from './lane-messages.js';
import { send } from './lane-thread.js';

export interface ScoredBatch extends BatchResult {
  readonly milliseconds: number;
  /** What scored it in place of the model. */
  readonly scoredBy: ScoredBy;
}

/** Rows that a lane is to score. */
export interface LaneBatch {
  readonly rows: number;
  readonly feeds: readonly BatchTensor[];
  /** Names of the model's outputs. */
  readonly outputs: readonly string[];
  /** What is made of them, where the run does not use them as they are. */
  readonly pooled?: readonly ScoredOutput[] | undefined;
  /** Gets the feeds back once the lane is done with them. */
  readonly reuse: (feeds: readonly BatchTensor[]) => void;
  /** Whether the batch must be one call, whatever happens. */
  readonly undivided?: boolean;
  /** Tokens of a row, where calls are sized by tokens. */
  readonly unitsPerRow?: number;
}

export interface PendingBatch {
  /** Rows, or tokens where calls are sized by them. */
  readonly rows: number;
  /** Rows, or tokens, of each of its calls, where these are sized. */
  readonly callRows: number | undefined;
  readonly resolve: (batch: ScoredBatch) => void;
  readonly reject: (error: ShardmillError) => void;
  readonly reuse: (feeds: readonly BatchTensor[]) => void;
}

interface PendingProbe {
  readonly resolve: (probe: RowProbe) => void;
  readonly reject: (error: ShardmillError) => void;
}

/** A part that a lane writes. */
interface PendingPart {
  readonly id: number;
  readonly resolve: (outcome: PartOutcome) => void;
  readonly reject: (error: ShardmillError) => void;
  readonly onRows: (rows: number) => void;
}

export interface Lane {
  readonly worker: Worker;
  /** It gets batches only while it is tried whether it does better than the others. */
  spare: boolean;
  /** It opens the whole model only when it needs it, and takes over what others find of a substitute. */
  readonly deferred: boolean;
  readonly pending: Map<number, PendingBatch>;
  part?: PendingPart | undefined;
  readonly probes: Map<number, PendingProbe>;
  /** The lane is not needed any more: that its thread ends is no failure. */
  over?: true;
  /** Is called when its thread can be ended. */
  ended?: () => void;
  loaded?: { resolve: (model: LoadedModel) => void; reject: (error: ShardmillError) => void };
}

/** Batches that a lane holds at once: one it works on, one that waits so that it never idles. */
const LANE_DEPTH = 2;

/**
 * The lane that has the least to do, if any has room; one that writes a part comes last.
 * @param unchecked whether there is a substitute whose first rows have not been checked: deferred
 *   lanes wait for that.
 */
export function leastBusy(
  lanes: readonly Lane[],
  spare: boolean,
  unchecked: boolean,
): Lane | undefined {
  let best: Lane | undefined;
  let least = LANE_DEPTH + 1;
  for (const lane of lanes) {
    if (lane.spare !== spare || (lane.deferred && unchecked)) continue;
    const { size } = lane.pending;
    const load = size + (lane.part === undefined ? 0 : 1);
    if (size < LANE_DEPTH && load < least) [best, least] = [lane, load];
  }
  return best;
}

/** Ends a lane that is idle: a thread that is ended in native code ends the process. */
export async function endLane(lane: Lane): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    lane.ended = resolve;
    lane.worker.once('exit', () => resolve());
  });
  lane.over = true;
  send(lane.worker, { kind: 'end' });
  await ended;
  await lane.worker.terminate();
}

const IDLE_CHECK_MS = 50;

/** Ends a lane that gets nothing more to do, once it is done with what it has. */
export async function endWhenIdle(lane: Lane): Promise<void> {
  while (lane.pending.size > 0 || lane.probes.size > 0 || lane.part !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, IDLE_CHECK_MS));
  }
  await endLane(lane);
}
