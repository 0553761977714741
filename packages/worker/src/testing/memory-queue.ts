import type {
  Attempt,
  ShardConsumer,
  ShardMessage,
  ShardOutcome,
  ShardTask,
} from '@shardmill/queue';
import { shardId } from '@shardmill/queue';

interface Queued {
  readonly message: ShardMessage;
  readonly failed: readonly Attempt[];
}

/** What became of a shard each time that a worker had it. */
export interface Outcome {
  readonly shard: number;
  readonly outcome: ShardOutcome;
}

/** A queue in this process, for workers in this process: what is to come back comes at once. */
export class MemoryQueue {
  #waiting: Queued[] = [];
  readonly #consumers = new Set<MemoryConsumer>();
  readonly outcomes: Outcome[] = [];

  add(...messages: readonly ShardMessage[]): void {
    this.#waiting.push(...messages.map((message) => ({ message, failed: [] })));
    this.#offer();
  }

  consumer(concurrency: number): ShardConsumer {
    const consumer = new MemoryConsumer(concurrency, this);
    this.#consumers.add(consumer);
    return consumer;
  }

  /** Numbers of the shards that nobody has in hand. */
  get waiting(): number[] {
    return this.#waiting.map(({ message }) => message.shard);
  }

  get inHand(): number[] {
    return [...this.#consumers].flatMap((consumer) => consumer.inHand);
  }

  /** Nothing waits, and nothing is in hand. */
  get idle(): boolean {
    return this.#waiting.length === 0 && this.inHand.length === 0;
  }

  /** What became of a shard, in order. */
  of(shard: number): ShardOutcome['kind'][] {
    return this.outcomes.filter((one) => one.shard === shard).map(({ outcome }) => outcome.kind);
  }

  /** Takes a shard out of the queue, as a cancel does: whoever has it in hand lets go of it. */
  remove(shard: number): void {
    this.#waiting = this.#waiting.filter(({ message }) => message.shard !== shard);
    for (const consumer of this.#consumers) consumer.abort(shard);
  }

  take(): Queued | undefined {
    return this.#waiting.shift();
  }

  settle(queued: Queued, outcome: ShardOutcome): void {
    this.outcomes.push({ shard: queued.message.shard, outcome });
    switch (outcome.kind) {
      case 'settled':
      case 'refused':
        break;
      case 'handed-back':
        this.#waiting.unshift(queued);
        break;
      case 'again':
        this.#waiting.push({ message: queued.message, failed: outcome.failed });
        break;
      default:
        outcome satisfies never;
    }
    this.#offer();
  }

  #offer(): void {
    for (const consumer of this.#consumers) consumer.offer();
  }
}

class MemoryConsumer implements ShardConsumer {
  readonly #hands = new Map<Promise<void>, { shard: number; lost: AbortController }>();
  #work: ((task: ShardTask) => Promise<ShardOutcome>) | undefined;

  constructor(
    readonly concurrency: number,
    readonly queue: MemoryQueue,
  ) {}

  get inHand(): number[] {
    return [...this.#hands.values()].map(({ shard }) => shard);
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
    await Promise.all(this.#hands.keys());
  }

  abort(shard: number): void {
    for (const hand of this.#hands.values()) if (hand.shard === shard) hand.lost.abort();
  }

  offer(): void {
    while (this.#work !== undefined && this.#hands.size < this.concurrency) {
      const queued = this.queue.take();
      if (queued === undefined) return;
      const lost = new AbortController();
      const { message, failed } = queued;
      const task = { id: shardId(message), message, failed, signal: lost.signal };
      const ended = this.#end(queued, this.#work(task));
      this.#hands.set(ended, { shard: message.shard, lost });
    }
  }

  async #end(queued: Queued, work: Promise<ShardOutcome>): Promise<void> {
    const outcome = await work;
    for (const [ended, { shard }] of this.#hands) {
      if (shard === queued.message.shard) this.#hands.delete(ended);
    }
    this.queue.settle(queued, outcome);
  }
}
