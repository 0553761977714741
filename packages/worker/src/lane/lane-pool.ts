import type { Worker } from 'node:worker_threads';
import { type BoundFeature, ShardmillError, unreachable } from '@shardmill/core';
import type { PartOrder, PartOutcome, WriterSetup } from '../single-pass/part-order.js';
import { CallSizing, timedCall } from './call-sizing.js';
import { buffersOf, type LaneOptions, type LaneReply, type LoadedModel } from './lane-messages.js';
import { giveThread, send, takeThread } from './lane-thread.js';
import {
  endLane,
  endWhenIdle,
  leastBusy,
  type Lane,
  type LaneBatch,
  type PendingBatch,
  type ScoredBatch,
} from './pool-lane.js';
import { SharedSubstitute } from './shared-substitute.js';
import { SpareTrial } from './spare-trial.js';
import { CHUNK_ROWS } from '../duckdb/raw-vector.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { RowProbe } from '../row-wise/probe-rows.js';
import type { ModelSubstitute } from '../substitute/model-substitute.js';

export type { LoadedModel, ScoredBatch };

const ignore = (): void => {};

/** What is unusual about a lane. */
interface LaneChoices {
  /** Whether it gets no batches until `timeSpareLane`. */
  readonly spare?: boolean;
  /** What the first lane says of the model: this one opens it only when it needs it. */
  readonly known?: LoadedModel | undefined;
}

/** The lanes of one engine, with one model. */
export class LanePool {
  /** How many rows go into one call. */
  readonly calls = new CallSizing();
  #lanes: Lane[] = [];
  #waiting: (() => void)[] = [];
  #nextId = 0;
  #failure: ShardmillError | undefined;
  #setup: WriterSetup | undefined;
  readonly #substitute = new SharedSubstitute();
  /** Is called with a sentence on what is not as requested. */
  onNotice: (text: string) => void = () => {};
  readonly #adding = new Set<Promise<LoadedModel>>();
  /** Probes in flight: the lanes must not be ended before them. */
  readonly #probing = new Set<Promise<RowProbe>>();
  #closed = false;
  /** Set while batches go to the spare lane. */
  #spareTrial: SpareTrial | undefined;

  /** @param startThread a thread that is to be a lane. */
  constructor(readonly startThread: () => Worker = takeThread) {}

  /**
   * Starts a lane with the model loaded; lanes may be added while others work.
   * @throws MODEL_INVALID, MODEL_OPERATOR_UNSUPPORTED, PROVIDER_MISSING, ENGINE_OUT_OF_MEMORY,
   *   DEVICE_OUT_OF_MEMORY
   */
  addLane(
    modelPath: string,
    options: LaneOptions,
    choices: LaneChoices = {},
  ): Promise<LoadedModel> {
    const adding = this.#addLane(modelPath, options, choices).finally(() =>
      this.#adding.delete(adding),
    );
    this.#adding.add(adding);
    return adding;
  }

  async #addLane(
    modelPath: string,
    options: LaneOptions,
    { spare = false, known }: LaneChoices,
  ): Promise<LoadedModel> {
    if (this.#closed) throw new ShardmillError('INTERRUPTED', 'the lanes of this run are closed');
    const worker = this.startThread();
    const deferred = known !== undefined;
    const lane: Lane = { worker, spare, deferred, pending: new Map(), probes: new Map() };
    const loaded = new Promise<LoadedModel>((resolve, reject) => {
      lane.loaded = { resolve, reject };
    });
    worker.on('message', (reply: LaneReply) => this.#receive(lane, reply));
    worker.on('error', (error) => this.#fail(lane, String(error)));
    worker.on('exit', (code) => this.#fail(lane, `exit code ${code}`));
    send(worker, { kind: 'load', path: modelPath, options, known });
    try {
      const model = await loaded;
      this.#lanes.push(lane);
      this.#substitute.sendTo(lane);
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

  /** Whether its lanes are ended, or about to be. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether a lane is being tried, or about to be. */
  get hasSpareLane(): boolean {
    return this.#lanes.some(({ spare }) => spare);
  }

  /**
   * From now on all batches go to the spare lane; there must be one.
   * @returns milliseconds per row, once it has had a few batches while the other lanes were idle.
   */
  timeSpareLane(): Promise<number> {
    this.#spareTrial = new SpareTrial();
    this.#wake();
    return this.#spareTrial.msPerRow;
  }

  /** Ends the other lanes, which must be idle, and goes on with these. */
  async keepLanes(which: 'spare' | 'usual'): Promise<void> {
    const [kept, others]: [Lane[], Lane[]] = [[], []];
    for (const lane of this.#lanes) {
      (lane.spare === (which === 'spare') ? kept : others).push(lane);
    }
    for (const lane of kept) lane.spare = false;
    this.#spareTrial = undefined;
    this.#lanes = kept;
    this.#wake();
    await Promise.all(others.map(endWhenIdle));
  }

  /**
   * Gives the threads of its lanes, which must be idle, to those that are added next, of any pool: to start one and to load
   * its modules takes 0.1 s. Lanes may be added to this one again.
   */
  async giveLanes(): Promise<void> {
    await Promise.allSettled([...this.#adding, ...this.#probing]);
    for (const { worker } of this.#lanes.splice(0)) {
      for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
      giveThread(worker);
    }
  }

  /**
   * Ends the lanes, which must be idle but for probes, and those that are being added: a thread that is ended in
   * native code ends the process.
   */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#adding, ...this.#probing]);
    await Promise.all(this.#lanes.splice(0).map(endLane));
  }

  /**
   * Hands a batch to the lane that has the least to do; waits while all are full, so that a fast
   * scan does not fill the memory. The result comes as a promise inside, not awaited here.
   */
  async submit({
    rows,
    feeds,
    outputs,
    pooled,
    reuse,
    undivided = false,
    unitsPerRow = 1,
  }: LaneBatch): Promise<{ result: Promise<ScoredBatch> }> {
    const lane = await this.#take(() =>
      leastBusy(this.#lanes, this.#spareTrial !== undefined, this.#substitute.isUnchecked),
    );
    const id = this.#nextId++;
    const units = rows * unitsPerRow;
    const { callRows, safeRows } = this.calls.next(units);
    const result = new Promise<ScoredBatch>((resolve, reject) => {
      lane.pending.set(id, { rows: units, callRows, resolve, reject, reuse });
    });
    // The caller that awaits it gets the failure; until then it is not unhandled.
    result.catch(() => {});
    send(
      lane.worker,
      {
        kind: 'batch',
        id,
        rows,
        feeds,
        outputs,
        callRows: callRows ?? Infinity,
        safeRows,
        unitsPerRow,
        pooled,
        undivided,
      },
      buffersOf(feeds),
    );
    return { result };
  }

  /** Has a lane score a few rows in several ways. @throws ENGINE_CRASHED */
  async probeRows(feeds: readonly BatchTensor[], outputs: readonly string[]): Promise<RowProbe> {
    if (this.#failure !== undefined) throw this.#failure;
    const [lane] = this.#lanes;
    if (lane === undefined) throw new ShardmillError('INTERRUPTED', 'no model is loaded any more');
    const id = this.#nextId++;
    const probing = new Promise<RowProbe>((resolve, reject) => {
      lane.probes.set(id, { resolve, reject });
      send(lane.worker, { kind: 'probeRows', id, feeds, outputs });
    });
    this.#probing.add(probing);
    return probing.finally(() => this.#probing.delete(probing));
  }

  /**
   * Has all lanes, those to come included, score batches by this; by the model where undefined. The lanes
   * that have opened the model check their first rows; the others get no batches before one of them has.
   */
  useSubstitute(substitute: ModelSubstitute | undefined, features: readonly BoundFeature[]): void {
    this.#substitute.set(substitute, features, this.#lanes);
    this.calls.undivided = false;
  }

  /** Whether batches are to be scored by a substitute of the model. */
  get hasSubstitute(): boolean {
    return this.#substitute.isSet;
  }

  /** Sends all lanes, those to come included, the run whose parts they will be asked to write. */
  prepareParts(setup: WriterSetup): void {
    this.#setup = setup;
    for (const { worker } of this.#lanes) send(worker, { kind: 'prepareParts', setup });
  }

  /**
   * Has a lane write a part of the run that was prepared; waits while every lane writes one.
   * @param signal has the part end soon: the caller that aborts it checks the outcome all the same.
   * @param onRows is called with the number of rows scored so far.
   * @throws ENGINE_CRASHED
   */
  async writePart(
    order: PartOrder,
    signal: AbortSignal,
    onRows: (rows: number) => void,
  ): Promise<PartOutcome> {
    this.calls.report(CHUNK_ROWS);
    const id = this.#nextId++;
    const lane = await this.#take(() => {
      const free = this.#lanes.find(({ part }) => part === undefined);
      // Set at once: of several waiting calls, the next one checks before this one goes on.
      if (free !== undefined) free.part = { id, resolve: ignore, reject: ignore, onRows: ignore };
      return free;
    });
    const cancel = (): void => send(lane.worker, { kind: 'cancelPart' });
    try {
      if (signal.aborted) return { why: 'it was cancelled' };
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
        this.calls.learnSafeRows(reply.safeRows);
        if (pending !== undefined) this.#time(lane, pending, reply);
        pending?.reuse(reply.feeds);
        pending?.resolve({
          ...reply.result,
          milliseconds: reply.milliseconds,
          scoredBy: reply.scoredBy,
        });
        return;
      }
      case 'rowsProbed':
        lane.probes.get(reply.id)?.resolve(reply.probe);
        lane.probes.delete(reply.id);
        return;
      case 'substituteChecked':
        this.#substitute.checked(lane, reply, this.#lanes);
        this.calls.undivided = this.#substitute.hasKernel;
        this.#wake();
        return;
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
        else {
          this.calls.learnSafeRows(reply.safeRows ?? Infinity);
          this.#settle(lane, reply.id)?.reject(error);
        }
        return;
      }
      default:
        return unreachable(reply, 'reply');
    }
  }

  /** What the time of a batch says: of the spare lane, or of the size of calls. */
  #time(lane: Lane, batch: PendingBatch, reply: Extract<LaneReply, { kind: 'result' }>): void {
    const call = timedCall(batch, reply);
    if (call === undefined) return;
    if (!lane.spare) return this.calls.record(call);
    const alone = this.#lanes.every(({ spare, pending }) => spare || pending.size === 0);
    if (alone) this.#spareTrial?.record(call.rows, call.milliseconds);
  }

  #settle(lane: Lane, id: number): PendingBatch | undefined {
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
    for (const pending of [...lane.pending.values(), ...lane.probes.values()])
      pending.reject(error);
    lane.pending.clear();
    lane.probes.clear();
    this.#wake();
  }
}
