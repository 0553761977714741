import type { Worker } from 'node:worker_threads';
import { ShardmillError, type TensorInfo } from '@shardmill/core';
import type { PartOrder, PartOutcome, WriterSetup } from '../single-pass/part-order.js';
import { buffersOf, type LaneOptions, type LaneReply, type ModelOutput } from './lane-messages.js';
import { send, takeThread } from './lane-thread.js';
import type { SessionReport } from '../infer/open-session.js';
import type { BatchResult, BatchTensor } from '../infer/run-batch.js';
import type { TreeKernel } from '../tree-kernel/tree-kernel.js';

export interface LoadedModel {
  readonly inputs: TensorInfo[];
  readonly outputs: ModelOutput[];
  readonly report: SessionReport;
}

export interface ScoredBatch extends BatchResult {
  readonly milliseconds: number;
  /** Whether the tree kernel scored it. */
  readonly byTrees: boolean;
}

/** Batches that a lane holds at once: one it works on, one that waits so that it never idles. */
const LANE_DEPTH = 2;

interface Pending {
  readonly resolve: (batch: ScoredBatch) => void;
  readonly reject: (error: ShardmillError) => void;
  readonly reuse: (feeds: readonly BatchTensor[]) => void;
}

/** A part that a lane writes. */
interface PendingPart {
  readonly id: number;
  readonly resolve: (outcome: PartOutcome) => void;
  readonly reject: (error: ShardmillError) => void;
  readonly onRows: (rows: number) => void;
}

const ignore = (): void => {};

interface Lane {
  readonly worker: Worker;
  readonly pending: Map<number, Pending>;
  part?: PendingPart | undefined;
  /** Nobody waits for it any more: that its thread ends is no failure. */
  over?: true;
  /** Told when its thread can be ended. */
  ended?: () => void;
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
  #setup: WriterSetup | undefined;
  #treeKernel: TreeKernel | undefined;
  /** Is called with what is not as it was wished, in plain words. */
  onNotice: (text: string) => void = () => {};
  readonly #adding = new Set<Promise<LoadedModel>>();
  #closed = false;

  /**
   * Starts a lane with the model loaded; lanes may be added while others work.
   * @throws MODEL_INVALID, MODEL_OPERATOR_UNSUPPORTED, PROVIDER_MISSING, ENGINE_OUT_OF_MEMORY,
   *   DEVICE_OUT_OF_MEMORY
   */
  addLane(modelPath: string, options: LaneOptions): Promise<LoadedModel> {
    const adding = this.#addLane(modelPath, options).finally(() => this.#adding.delete(adding));
    this.#adding.add(adding);
    return adding;
  }

  async #addLane(modelPath: string, options: LaneOptions): Promise<LoadedModel> {
    if (this.#closed) throw new ShardmillError('INTERRUPTED', 'the lanes of this run are closed');
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
      if (this.#treeKernel !== undefined) {
        send(worker, { kind: 'treeKernel', kernel: this.#treeKernel });
      }
      if (this.#setup !== undefined) send(worker, { kind: 'prepareParts', setup: this.#setup });
      this.#wake();
      return model;
    } catch (error) {
      lane.over = true;
      await worker.terminate();
      throw error;
    }
  }

  /** Lanes, those included that are being added. */
  get size(): number {
    return this.#lanes.length + this.#adding.size;
  }

  /** No call takes more rows than this. */
  limitRows(rows: number): void {
    this.#safeRows = Math.min(this.#safeRows, rows);
  }

  /**
   * Ends the lanes, which must be idle, and those that are being added: a thread that is ended in
   * native code ends the process.
   */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#adding);
    await Promise.all(this.#lanes.splice(0).map(endLane));
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
    const lane = await this.#take(() => this.#laneForBatch());
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

  /** Has all lanes, those to come included, score batches by this; by the model where undefined. */
  useTreeKernel(kernel: TreeKernel | undefined): void {
    this.#treeKernel = kernel;
    for (const { worker } of this.#lanes) send(worker, { kind: 'treeKernel', kernel });
  }

  /** Tells all lanes, those to come included, of the run whose parts they will be asked to write. */
  prepareParts(setup: WriterSetup): void {
    this.#setup = setup;
    for (const { worker } of this.#lanes) send(worker, { kind: 'prepareParts', setup });
  }

  /**
   * Has a lane write a part of the run that was prepared; waits while all are at one.
   * @param signal has the part end soon: whoever aborts it looks at what came out all the same.
   * @param onRows told the rows that are scored so far.
   * @throws ENGINE_CRASHED
   */
  async writePart(
    order: PartOrder,
    signal: AbortSignal,
    onRows: (rows: number) => void,
  ): Promise<PartOutcome> {
    const id = this.#nextId++;
    const lane = await this.#take(() => {
      const free = this.#lanes.find(({ part }) => part === undefined);
      // At once: of several who wait, the next one looks before this one goes on.
      if (free !== undefined) free.part = { id, resolve: ignore, reject: ignore, onRows: ignore };
      return free;
    });
    const cancel = (): void => send(lane.worker, { kind: 'cancelPart' });
    try {
      if (signal.aborted) return { why: 'it was let go of' };
      return await new Promise<PartOutcome>((resolve, reject) => {
        if (this.#failure !== undefined) throw this.#failure;
        lane.part = { id, resolve, reject, onRows };
        send(lane.worker, { kind: 'part', id, order });
        signal.addEventListener('abort', cancel, { once: true });
      });
    } finally {
      signal.removeEventListener('abort', cancel);
      lane.part = undefined;
      this.#wake();
    }
  }

  /** The lane that has the least to do, if any has room; one that writes a part comes last. */
  #laneForBatch(): Lane | undefined {
    let best: Lane | undefined;
    let least = LANE_DEPTH + 1;
    for (const lane of this.#lanes) {
      const { size } = lane.pending;
      const load = size + (lane.part === undefined ? 0 : 1);
      if (size < LANE_DEPTH && load < least) [best, least] = [lane, load];
    }
    return best;
  }

  /** A lane as soon as one is found. @throws ENGINE_CRASHED */
  async #take(find: () => Lane | undefined): Promise<Lane> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const lane = find();
      if (lane !== undefined) return lane;
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
        const pending = this.#settle(lane, reply.id);
        if (reply.safeRows < this.#safeRows) {
          this.#safeRows = reply.safeRows;
          this.onSafeRows(reply.safeRows);
        }
        pending?.reuse(reply.feeds);
        pending?.resolve({
          ...reply.result,
          milliseconds: reply.milliseconds,
          byTrees: reply.byTrees,
        });
        return;
      }
      case 'notice':
        this.onNotice(reply.text);
        return;
      case 'ended':
        lane.ended?.();
        return;
      case 'partRows':
        if (lane.part?.id === reply.id) lane.part.onRows(reply.rows);
        return;
      case 'part':
        if (lane.part?.id === reply.id) lane.part.resolve(reply.outcome);
        return;
      case 'failed': {
        const error = ShardmillError.fromRecord(reply.error);
        if (reply.id === null) lane.loaded?.reject(error);
        else this.#settle(lane, reply.id)?.reject(error);
        return;
      }
      default: {
        const unknown: never = reply;
        throw new Error(`unknown reply ${String(unknown)}`);
      }
    }
  }

  #settle(lane: Lane, id: number): Pending | undefined {
    const pending = lane.pending.get(id);
    lane.pending.delete(id);
    this.#wake();
    return pending;
  }

  #fail(lane: Lane, what: string): void {
    if (lane.over === true) return;
    const error = new ShardmillError('ENGINE_CRASHED', `an inference thread died: ${what}`);
    this.#failure = error;
    // Closing the pool does not wait for what is gone.
    this.#lanes = this.#lanes.filter((other) => other !== lane);
    lane.loaded?.reject(error);
    lane.part?.reject(error);
    for (const pending of lane.pending.values()) pending.reject(error);
    lane.pending.clear();
    this.#wake();
  }
}

async function endLane(lane: Lane): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    lane.ended = resolve;
    lane.worker.once('exit', () => resolve());
  });
  lane.over = true;
  send(lane.worker, { kind: 'end' });
  await ended;
  await lane.worker.terminate();
}
