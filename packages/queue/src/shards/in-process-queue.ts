import type { ShardConsumer, ShardOutcome, ShardTask } from './shard-consumer.js';
import { type QueuedShard, shardId, type ShardMessage, withTime } from './shard-message.js';

/**
 * A shard queue within one process, for the worker of a local run. It keeps the contract of the
 * fleet's queue in Redis; what it holds ends with the process, as the runs that it serves do.
 */
export class InProcessShardQueue {
  readonly #waiting: QueuedShard[] = [];
  readonly #delayed = new Map<QueuedShard, NodeJS.Timeout>();
  readonly #consumers = new Set<InProcessConsumer>();
  #source: AsyncIterator<ShardMessage> | undefined;
  #reading = false;
  #failure: { readonly error: unknown } | undefined;
  #onChange: () => void = () => {};

  /**
   * @param source further shards, read as consumers have room for them: a plan may have a million.
   */
  constructor(source?: AsyncIterable<ShardMessage>) {
    this.#source = source?.[Symbol.asyncIterator]();
  }

  add(...messages: readonly ShardMessage[]): void {
    this.#waiting.push(...messages.map((message) => ({ message, failed: [] })));
    this.#offer();
  }

  /** Takes a shard out of the queue; a consumer that works on it has its signal aborted. */
  remove(shard: number): void {
    const others = this.#waiting.filter(({ message }) => message.shard !== shard);
    this.#waiting.splice(0, this.#waiting.length, ...others);
    for (const [queued, timer] of this.#delayed) {
      if (queued.message.shard !== shard) continue;
      clearTimeout(timer);
      this.#delayed.delete(queued);
    }
    for (const consumer of this.#consumers) consumer.abort(shard);
    this.#onChange();
  }

  /** @param concurrency the most shards that it works on at once. */
  consumer(concurrency: number): ShardConsumer {
    const consumer = new InProcessConsumer(concurrency, this);
    this.#consumers.add(consumer);
    return consumer;
  }

  /** Numbers of the shards that no consumer works on, those that wait for their time excluded. */
  get waiting(): number[] {
    return this.#waiting.map(({ message }) => message.shard);
  }

  get inFlight(): number[] {
    return [...this.#consumers].flatMap((consumer) => consumer.inFlight);
  }

  /** Nothing waits, now or for its time, nothing is in flight, and the source has ended. */
  get empty(): boolean {
    const settled = this.#waiting.length === 0 && this.#delayed.size === 0;
    return settled && this.inFlight.length === 0 && this.#source === undefined;
  }

  /**
   * Ends when the queue is empty. May be called once.
   * @throws what reading the source failed of, after the shards in flight have ended
   */
  async drained(): Promise<void> {
    while (!this.empty) {
      if (this.#failure !== undefined && this.inFlight.length === 0) throw this.#failure.error;
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Forgets all shards that are not in flight; consumers get no more. */
  close(): void {
    for (const timer of this.#delayed.values()) clearTimeout(timer);
    this.#delayed.clear();
    this.#waiting.length = 0;
    this.#source = undefined;
    this.#onChange();
  }

  /** The next shard, where one is there now; otherwise consumers are offered it when it is. */
  take(): QueuedShard | undefined {
    const queued = this.#waiting.shift();
    if (queued === undefined && this.#source !== undefined && !this.#reading) {
      this.#reading = true;
      void this.#read(this.#source);
    }
    return queued;
  }

  /** What becomes of a shard after a consumer had it. */
  settle(queued: QueuedShard, outcome: ShardOutcome): void {
    switch (outcome.kind) {
      case 'settled':
      case 'refused':
        break;
      case 'handed-back':
        this.#waiting.unshift(withTime(queued, outcome));
        break;
      case 'again':
        this.#delay({ ...withTime(queued, outcome), failed: outcome.failed }, outcome.delayMs);
        break;
      default:
        outcome satisfies never;
    }
    this.#offer();
    this.#onChange();
  }

  #delay(queued: QueuedShard, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#delayed.delete(queued);
      this.#waiting.push(queued);
      this.#offer();
    }, delayMs);
    this.#delayed.set(queued, timer);
  }

  async #read(source: AsyncIterator<ShardMessage>): Promise<void> {
    try {
      const next = await source.next();
      if (this.#source === undefined) return;
      if (next.done === true) this.#source = undefined;
      else this.#waiting.push({ message: next.value, failed: [] });
    } catch (error) {
      this.#failure = { error };
      this.#source = undefined;
    } finally {
      this.#reading = false;
    }
    this.#offer();
    this.#onChange();
  }

  #offer(): void {
    for (const consumer of this.#consumers) consumer.offer();
  }
}

interface InFlight {
  readonly shard: number;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

class InProcessConsumer implements ShardConsumer {
  readonly #inFlight = new Set<InFlight>();
  #work: ((task: ShardTask) => Promise<ShardOutcome>) | undefined;

  constructor(
    readonly concurrency: number,
    readonly queue: InProcessShardQueue,
  ) {}

  get inFlight(): number[] {
    return [...this.#inFlight].map(({ shard }) => shard);
  }

  start(work: (task: ShardTask) => Promise<ShardOutcome>): void {
    this.#work = work;
    this.offer();
  }

  stop(): void {
    this.#work = undefined;
  }

  async close(): Promise<void> {
    this.stop();
    await Promise.all([...this.#inFlight].map(({ ended }) => ended));
  }

  abort(shard: number): void {
    for (const one of this.#inFlight) if (one.shard === shard) one.abort.abort();
  }

  offer(): void {
    while (this.#work !== undefined && this.#inFlight.size < this.concurrency) {
      const queued = this.queue.take();
      if (queued === undefined) return;
      this.#begin(queued, this.#work);
    }
  }

  #begin(queued: QueuedShard, work: (task: ShardTask) => Promise<ShardOutcome>): void {
    const { message, failed } = queued;
    const abort = new AbortController();
    const task = { id: shardId(message), ...queued, signal: abort.signal };
    // A worker that throws has a fault of its own: the shard is another's to try.
    const ended = work(task)
      .catch((): ShardOutcome => ({ kind: 'again', delayMs: FAULT_DELAY_MS, failed }))
      .then((outcome) => {
        this.#inFlight.delete(one);
        this.queue.settle(queued, outcome);
      });
    const one: InFlight = { shard: message.shard, abort, ended };
    this.#inFlight.add(one);
  }
}

const FAULT_DELAY_MS = 1000;
