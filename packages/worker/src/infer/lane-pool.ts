import type { Worker } from 'node:worker_threads';
import { ShardmillError, type TensorInfo } from '@shardmill/core';
import { buffersOf, type LaneOptions, type LaneReply, type ModelOutput } from './lane-messages.js';
import { send, takeThread } from './lane-thread.js';
import type { SessionReport } from './open-session.js';
import type { BatchResult, BatchTensor } from './run-batch.js';

export interface LoadedModel {
  readonly inputs: TensorInfo[];
  readonly outputs: ModelOutput[];
  readonly report: SessionReport;
}

export interface ScoredBatch extends BatchResult {
  readonly milliseconds: number;
}

/** Batches that a lane holds at once: one it works on, one that waits so that it never idles. */
const LANE_DEPTH = 2;

interface Pending {
  readonly resolve: (batch: ScoredBatch) => void;
  readonly reject: (error: ShardmillError) => void;
  readonly reuse: (feeds: readonly BatchTensor[]) => void;
}

interface Lane {
  readonly worker: Worker;
  readonly pending: Map<number, Pending>;
  /** Nobody waits for it any more: that its thread ends is no failure. */
  over?: true;
  loaded?: { resolve: (model: LoadedModel) => void; reject: (error: ShardmillError) => void };
}

/** The lanes of one engine, with one model. */
export class LanePool {
  /** The most rows of one call for which there was room, in any lane. */
  #safeRows = Infinity;
  /** Told when there was no room for so many rows as before. */
  onSafeRows: (rows: number) => void = () => {};
  #lanes: Lane[] = [];
  #waiting: (() => void)[] = [];
  #nextId = 0;
  #failure: ShardmillError | undefined;

  /**
   * Starts a lane with the model loaded; lanes may be added while others work.
   * @throws MODEL_INVALID, MODEL_OPERATOR_UNSUPPORTED, PROVIDER_MISSING, ENGINE_OUT_OF_MEMORY,
   *   DEVICE_OUT_OF_MEMORY
   */
  async addLane(modelPath: string, options: LaneOptions): Promise<LoadedModel> {
    const worker = takeThread();
    const lane: Lane = { worker, pending: new Map() };
    const loaded = new Promise<LoadedModel>((resolve, reject) => {
      lane.loaded = { resolve, reject };
    });
    worker.on('message', (reply: LaneReply) => this.#receive(lane, reply));
    worker.on('error', (error) => this.#fail(lane, String(error)));
    worker.on('exit', (code) => this.#fail(lane, `exit code ${code}`));
    send(worker, { kind: 'load', path: modelPath, options });
    try {
      const model = await loaded;
      this.#lanes.push(lane);
      this.#wake();
      return model;
    } catch (error) {
      lane.over = true;
      await worker.terminate();
      throw error;
    }
  }

  get size(): number {
    return this.#lanes.length;
  }

  /** No call takes more rows than this. */
  limitRows(rows: number): void {
    this.#safeRows = Math.min(this.#safeRows, rows);
  }

  /** Ends the lanes, which must be idle: a thread that is ended in native code ends the process. */
  async close(): Promise<void> {
    const lanes = this.#lanes.splice(0);
    for (const lane of lanes) lane.over = true;
    await Promise.all(lanes.map(({ worker }) => worker.terminate()));
  }

  /**
   * Hands a batch to the lane that has the least to do; waits while all are full, so that a fast
   * scan does not fill the memory. The result comes as a promise inside, not awaited here.
   * @param tune whether a lane may cut the batch into the calls that are fastest.
   * @param reuse gets the feeds back once the lane is done with them.
   */
  async submit(
    rows: number,
    feeds: readonly BatchTensor[],
    outputs: readonly string[],
    tune: boolean,
    reuse: (feeds: readonly BatchTensor[]) => void,
  ): Promise<{ result: Promise<ScoredBatch> }> {
    const lane = await this.#freeLane();
    const id = this.#nextId++;
    const result = new Promise<ScoredBatch>((resolve, reject) => {
      lane.pending.set(id, { resolve, reject, reuse });
    });
    // Whoever waits for it sees the failure; until then it is not unhandled.
    result.catch(() => {});
    const safeRows = this.#safeRows;
    send(
      lane.worker,
      { kind: 'batch', id, rows, feeds, outputs, tune, safeRows },
      buffersOf(feeds),
    );
    return { result };
  }

  async #freeLane(): Promise<Lane> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      let best: Lane | undefined;
      for (const lane of this.#lanes) {
        if (lane.pending.size < (best?.pending.size ?? LANE_DEPTH)) best = lane;
      }
      if (best !== undefined) return best;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    for (const waiter of this.#waiting.splice(0)) waiter();
  }

  #receive(lane: Lane, reply: LaneReply): void {
    switch (reply.kind) {
      case 'loaded':
        lane.loaded?.resolve(reply);
        return;
      case 'probed':
        return;
      case 'result': {
        const pending = this.#take(lane, reply.id);
        if (reply.safeRows < this.#safeRows) {
          this.#safeRows = reply.safeRows;
          this.onSafeRows(reply.safeRows);
        }
        pending?.reuse(reply.feeds);
        pending?.resolve({ ...reply.result, milliseconds: reply.milliseconds });
        return;
      }
      case 'failed': {
        const error = ShardmillError.fromRecord(reply.error);
        if (reply.id === null) lane.loaded?.reject(error);
        else this.#take(lane, reply.id)?.reject(error);
        return;
      }
      default: {
        const unknown: never = reply;
        throw new Error(`unknown reply ${String(unknown)}`);
      }
    }
  }

  #take(lane: Lane, id: number): Pending | undefined {
    const pending = lane.pending.get(id);
    lane.pending.delete(id);
    this.#wake();
    return pending;
  }

  #fail(lane: Lane, what: string): void {
    if (lane.over === true) return;
    const error = new ShardmillError('ENGINE_CRASHED', `an inference thread died: ${what}`);
    this.#failure = error;
    lane.loaded?.reject(error);
    for (const pending of lane.pending.values()) pending.reject(error);
    lane.pending.clear();
    this.#wake();
  }
}
