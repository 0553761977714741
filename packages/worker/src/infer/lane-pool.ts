import { Worker } from 'node:worker_threads';
import { ShardmillError, type TensorInfo } from '@shardmill/core';
import { buffersOf, type LaneReply, type LaneRequest, type ModelOutput } from './lane-messages.js';
import type { BatchResult, BatchTensor } from './run-batch.js';

export interface LoadedModel {
  readonly inputs: TensorInfo[];
  readonly outputs: ModelOutput[];
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
  loaded?: { resolve: (model: LoadedModel) => void; reject: (error: ShardmillError) => void };
}

/** A thread that loads ONNX Runtime already, before it is known which model it is for. */
let spare: Worker | undefined;

/** Starts such a thread, for the next lane that is added. */
export function warmUpLane(): void {
  spare ??= startWorker();
}

function startWorker(): Worker {
  return new Worker(new URL('./lane.js', import.meta.url));
}

/** The lanes of one engine, with one model. */
export class LanePool {
  #lanes: Lane[] = [];
  #waiting: (() => void)[] = [];
  #nextId = 0;
  #failure: ShardmillError | undefined;

  /**
   * Starts a lane with the model loaded; lanes may be added while others work.
   * @throws MODEL_INVALID, MODEL_OPERATOR_UNSUPPORTED, ENGINE_OUT_OF_MEMORY
   */
  async addLane(modelPath: string, threads: number): Promise<LoadedModel> {
    const worker = spare ?? startWorker();
    spare = undefined;
    const lane: Lane = { worker, pending: new Map() };
    const loaded = new Promise<LoadedModel>((resolve, reject) => {
      lane.loaded = { resolve, reject };
    });
    worker.on('message', (reply: LaneReply) => this.#receive(lane, reply));
    worker.on('error', (error) => this.#fail(lane, String(error)));
    worker.on('exit', (code) => this.#fail(lane, `exit code ${code}`));
    this.#send(worker, { kind: 'load', path: modelPath, threads });
    const model = await loaded;
    this.#lanes.push(lane);
    this.#wake();
    return model;
  }

  get size(): number {
    return this.#lanes.length;
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
    this.#send(lane.worker, { kind: 'batch', id, rows, feeds, outputs, tune }, buffersOf(feeds));
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

  #send(worker: Worker, request: LaneRequest, transfer: ArrayBuffer[] = []): void {
    worker.postMessage(request, transfer);
  }

  #wake(): void {
    for (const waiter of this.#waiting.splice(0)) waiter();
  }

  #receive(lane: Lane, reply: LaneReply): void {
    switch (reply.kind) {
      case 'loaded':
        lane.loaded?.resolve({ inputs: reply.inputs, outputs: reply.outputs });
        return;
      case 'result': {
        const pending = this.#take(lane, reply.id);
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
    const error = new ShardmillError('ENGINE_CRASHED', `an inference thread died: ${what}`);
    this.#failure = error;
    lane.loaded?.reject(error);
    for (const pending of lane.pending.values()) pending.reject(error);
    lane.pending.clear();
    this.#wake();
  }
}
